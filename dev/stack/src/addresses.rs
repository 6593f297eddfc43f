//! Where the parts of a running stack are reached.

use std::collections::BTreeMap;

/// Base addresses, without a slash at the end.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The functions.
    pub api: String,
    /// The Supabase gateway.
    pub supabase: String,
    /// The gateway's publishable key.
    pub publishable_key: String,
    /// The stand-in of Google.
    pub google: String,
    /// The stand-in of YouTube.
    pub youtube: String,
    /// The stand-in of RevID.
    pub revid: String,
}

impl Addresses {
    /// Those that a stack's variables name.
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| environment.get(name).cloned().unwrap_or_default();
        Self {
            api: value("APP_URL"),
            supabase: value("SUPABASE_URL"),
            publishable_key: value("SUPABASE_PUBLISHABLE_KEY"),
            google: value("FAKE_GOOGLE_URL"),
            youtube: value("FAKE_YOUTUBE_URL"),
            revid: value("FAKE_REVID_URL"),
        }
    }
}
