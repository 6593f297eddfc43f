//! `has` and `missing` of a rule: what it asks of a request besides its path.

use http::{HeaderMap, Uri, header};
use regex::Regex;

use super::config_file::{ConditionEntry, Part};

/// Those of one rule.
#[derive(Debug)]
pub(super) struct Conditions {
    has: Vec<Condition>,
    missing: Vec<Condition>,
}

#[derive(Debug)]
struct Condition {
    part: Part,
    key: String,
    value: Option<Regex>,
}

impl Conditions {
    pub(super) fn parse(
        has: Vec<ConditionEntry>,
        missing: Vec<ConditionEntry>,
    ) -> Result<Self, String> {
        let conditions = |entry: Vec<ConditionEntry>| {
            entry
                .into_iter()
                .map(Condition::parse)
                .collect::<Result<_, String>>()
        };
        Ok(Self {
            has: conditions(has)?,
            missing: conditions(missing)?,
        })
    }

    pub(super) fn are_met(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        self.has.iter().all(|each| each.holds(uri, headers))
            && !self.missing.iter().any(|each| each.holds(uri, headers))
    }
}

impl Condition {
    fn parse(entry: ConditionEntry) -> Result<Self, String> {
        let value = entry
            .value
            .map(|value| {
                // The platform compares the whole value.
                Regex::new(&format!("^(?:{value})$"))
                    .map_err(|error| format!("condition {value:?}: {error}"))
            })
            .transpose()?;
        Ok(Self {
            part: entry.part,
            key: entry.key,
            value,
        })
    }

    fn holds(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let pair = |pairs: &str, between: char| {
            pairs.split(between).find_map(|pair| {
                let (name, value) = pair.trim().split_once('=').unwrap_or((pair.trim(), ""));
                (name == self.key).then(|| value.to_owned())
            })
        };
        let found = match self.part {
            Part::Host => text(header::HOST.as_str()).map(ToOwned::to_owned),
            Part::Header => text(&self.key).map(ToOwned::to_owned),
            Part::Cookie => text(header::COOKIE.as_str()).and_then(|pairs| pair(pairs, ';')),
            Part::Query => uri.query().and_then(|pairs| pair(pairs, '&')),
        };
        found.is_some_and(|found| {
            self.value
                .as_ref()
                .is_none_or(|value| value.is_match(&found))
        })
    }
}
