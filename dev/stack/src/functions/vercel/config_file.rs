//! The parts of `vercel.json` that decide where a request leads, as they stand in the file.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ConfigFile {
    pub(super) redirects: Vec<RedirectEntry>,
    pub(super) rewrites: Vec<RewriteEntry>,
    pub(super) headers: Vec<HeadersEntry>,
    pub(super) functions: Patterns,
    pub(super) clean_urls: bool,
}

/// The patterns of `functions` in the order in which they stand, which decides: a JSON map does not keep it.
#[derive(Debug, Default)]
pub(super) struct Patterns(pub(super) Vec<(String, Settings)>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    pub(super) max_duration: Option<u64>,
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Patterns;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Patterns, A::Error> {
                let mut patterns = Vec::new();
                while let Some(pattern) = map.next_entry()? {
                    patterns.push(pattern);
                }
                Ok(Patterns(patterns))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RedirectEntry {
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) permanent: Option<bool>,
    pub(super) status_code: Option<u16>,
    #[serde(default)]
    pub(super) has: Vec<ConditionEntry>,
    #[serde(default)]
    pub(super) missing: Vec<ConditionEntry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RewriteEntry {
    pub(super) source: String,
    pub(super) destination: String,
    #[serde(default)]
    pub(super) has: Vec<ConditionEntry>,
    #[serde(default)]
    pub(super) missing: Vec<ConditionEntry>,
}

/// What a rule asks of a request besides its path.
#[derive(Debug, Deserialize)]
pub(super) struct ConditionEntry {
    #[serde(rename = "type")]
    pub(super) part: Part,
    #[serde(default)]
    pub(super) key: String,
    pub(super) value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    Host,
    Header,
    Cookie,
    Query,
}

#[derive(Debug, Deserialize)]
pub(super) struct HeadersEntry {
    pub(super) source: String,
    pub(super) headers: Vec<HeaderEntry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct HeaderEntry {
    pub(super) key: String,
    pub(super) value: String,
}
