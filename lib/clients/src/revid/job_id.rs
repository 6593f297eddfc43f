//! RevID's id of a job.

/// RevID's id of a job: opaque, but of a shape that is safe anywhere in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ProviderJobId(String);

impl ProviderJobId {
    /// Takes 1 to 128 letters, digits, `_` and `-`; documents and practice disagree on everything else.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let fits = (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProviderJobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
