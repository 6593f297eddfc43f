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

/// A variable that has two values under two of its names: nobody could tell which one is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoValues {
    /// Its own name.
    pub own: &'static str,
    /// The first of its names that is set.
    pub first: &'static str,
    /// The name under which it has another value.
    pub other: &'static str,
}

impl TwoValues {
    /// What is wrong with the variable, and what would be right.
    pub fn problem(self) -> String {
        let Self { first, other, .. } = self;
        format!(
            "is given as {first} and, differently, as {other}, which mean the same; keep one of them"
        )
    }
}

/// The first variable that has two values.
pub fn two_values(value: impl Fn(&str) -> Option<String>) -> Option<TwoValues> {
    OTHER_NAMES.iter().find_map(|(own, _)| {
        let mut set = all_names(own).filter_map(|name| Some((name, value(name)?)));
        let (first, given) = set.next()?;
        let (other, _) = set.find(|(_, other)| *other != given)?;
        Some(TwoValues { own, first, other })
    })
}

/// All names of a variable, its own first.
pub fn all_names(name: &str) -> impl Iterator<Item = &str> {
    let others = OTHER_NAMES.iter().find(|(own, _)| *own == name);
    let others = others.map_or(&[][..], |(_, others)| others);
    std::iter::once(name).chain(others.iter().copied())
}
