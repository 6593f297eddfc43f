//! The other names under which a variable may stand: those that Next.js, Supabase's and Vercel's own tools give it.

/// A variable's name, and the others that mean the same. Keys of the two generations are different variables: a project has both
/// for as long as it changes from one to the other.
pub const OTHER_NAMES: [(&str, &[&str]); 6] = [
    ("SUPABASE_URL", &["NEXT_PUBLIC_SUPABASE_URL"]),
    (
        "SUPABASE_PUBLISHABLE_KEY",
        &["NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY"],
    ),
    ("SUPABASE_ANON_KEY", &["NEXT_PUBLIC_SUPABASE_ANON_KEY"]),
    ("APP_URL", &["NEXT_PUBLIC_APP_URL"]),
    ("GOOGLE_CLIENT_ID", &["YOUTUBE_CLIENT_ID"]),
    ("GOOGLE_CLIENT_SECRET", &["YOUTUBE_CLIENT_SECRET"]),
];

/// All names of a variable, its own first.
pub fn all_names(name: &str) -> impl Iterator<Item = &str> {
    let others = OTHER_NAMES.iter().find(|(own, _)| *own == name);
    let others = others.map_or(&[][..], |(_, others)| others);
    std::iter::once(name).chain(others.iter().copied())
}
