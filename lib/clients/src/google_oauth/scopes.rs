//! What a person has allowed, and what that lets us do.

pub(super) const SCOPE_PREFIX: &str = "https://www.googleapis.com/auth/";

/// What we ask the user for: reading, uploading, managing (publishing needs it) and Analytics.
pub const SCOPES: [&str; 4] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    "https://www.googleapis.com/auth/yt-analytics.readonly",
];

/// Asked for besides: it cannot be unticked, and names the Google account whose grants end together.
pub(super) const SIGN_IN: &str = "openid";

/// What the granted scopes allow, by name. The user may untick any of them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(default)]
pub struct Features {
    /// Read the catalogue and its counters.
    pub read: bool,
    /// Upload videos and thumbnails.
    pub upload: bool,
    /// Publish, change and delete videos.
    pub manage: bool,
    /// Read Analytics: formats, daily curves, retention.
    pub analytics: bool,
}

impl Features {
    /// Reads the granted scopes, in whatever order and company they come.
    #[must_use]
    pub fn of(scopes: &[String]) -> Self {
        let any = |wanted: &[&str]| {
            scopes.iter().any(|scope| {
                scope
                    .strip_prefix(SCOPE_PREFIX)
                    .is_some_and(|name| wanted.contains(&name))
            })
        };
        let read = any(&["youtube.readonly", "youtube", "youtube.force-ssl"]);
        Self {
            read,
            upload: any(&["youtube.upload", "youtube", "youtube.force-ssl"]),
            manage: any(&["youtube", "youtube.force-ssl"]),
            analytics: read && any(&["yt-analytics.readonly"]),
        }
    }

    /// Names of the features that are off.
    #[must_use]
    pub fn missing(self) -> Vec<&'static str> {
        [
            ("read", self.read),
            ("upload", self.upload),
            ("manage", self.manage),
            ("analytics", self.analytics),
        ]
        .into_iter()
        .filter_map(|(name, on)| (!on).then_some(name))
        .collect()
    }
}
