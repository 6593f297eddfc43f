//! The other names under which a variable may stand: those that Next.js, Supabase's and Vercel's own tools give it.

use super::vars::ConfigError;

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

/// Refuses a variable that has two values under two names: nobody could tell which one is meant.
pub(super) fn check(value: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
    for (own, _) in OTHER_NAMES {
        let mut set = all_names(own).filter_map(|name| Some((name, value(name)?)));
        let Some((first, given)) = set.next() else {
            continue;
        };
        if let Some((other, _)) = set.find(|(_, other)| *other != given) {
            let problem = match first == own {
                true => format!("differs from {other}, which means the same; keep one of them"),
                false => {
                    format!("is given as {first} and, differently, as {other}; keep one of them")
                }
            };
            return Err(ConfigError::new(own, problem));
        }
    }
    Ok(())
}
