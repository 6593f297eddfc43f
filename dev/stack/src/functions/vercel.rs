//! `vercel.json`: redirects, rewrites, headers and durations.

mod source_pattern;
#[cfg(test)]
mod tests;

use std::{fs, io, path::Path, time::Duration};

use catalyst_cli::error::{Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use source_pattern::{SourcePattern, fits};

/// The parts of the file that decide where a request leads, as they stand there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConfigFile {
    redirects: Vec<Entry>,
    rewrites: Vec<Entry>,
    headers: Vec<HeadersEntry>,
    /// In the order in which they stand, which decides.
    functions: Map<String, Value>,
    clean_urls: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    source: String,
    destination: String,
    permanent: Option<bool>,
    status_code: Option<u16>,
    #[serde(default)]
    has: Vec<ConditionEntry>,
    #[serde(default)]
    missing: Vec<ConditionEntry>,
}

/// What a rule asks of a request besides its path.
#[derive(Debug, Deserialize)]
struct ConditionEntry {
    #[serde(rename = "type")]
    part: Part,
    #[serde(default)]
    key: String,
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Host,
    Header,
    Cookie,
    Query,
}

#[derive(Debug, Deserialize)]
struct HeadersEntry {
    source: String,
    headers: Vec<HeaderEntry>,
}

#[derive(Debug, Deserialize)]
struct HeaderEntry {
    key: String,
    value: String,
}

/// What is wrong with the file.
type Read<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The rules of one deployment.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    redirects: Vec<Rule>,
    rewrites: Vec<Rule>,
    headers: Vec<(SourcePattern, Vec<(HeaderName, HeaderValue)>)>,
    durations: Vec<(String, Option<Duration>)>,
    /// Whether `/page` shows `page.html`, and `/page.html` leads there.
    pub(crate) clean_urls: bool,
}

impl Rules {
    /// Reads the rules for the functions of these files; a project without rules has none. Refuses what the platform refuses.
    pub(crate) fn read(path: &Path, files: &[&str]) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::io(format!("cannot read {}", path.display()))(error)),
        };
        let read = || {
            let rules = Self::parse(&text)?;
            rules.all_patterns_fit(files)?;
            Ok(rules)
        };
        read().map_err(|problem: Box<dyn std::error::Error>| {
            Error::setup(format!("{}: {problem}", path.display()), "mend the file")
        })
    }

    /// Every pattern of `functions` must be the first that fits some file: the platform refuses any other.
    fn all_patterns_fit(&self, files: &[&str]) -> std::result::Result<(), String> {
        let first = |at| files.iter().any(|file| self.pattern(file) == Some(at));
        match (0..self.durations.len()).find(|at| !first(*at)) {
            Some(at) => Err(format!(
                "the pattern {} is no file's first match; the platform refuses that",
                self.durations[at].0
            )),
            None => Ok(()),
        }
    }

    fn parse(text: &str) -> Read<Self> {
        let file: ConfigFile = serde_json::from_str(text)?;
        for Entry { destination, .. } in &file.rewrites {
            let page = destination.split('?').next().unwrap_or_default();
            if file.clean_urls && page.ends_with(".html") {
                return Err(format!(
                    "a rewrite leads to {page}, which is published without .html (cleanUrls)"
                )
                .into());
            }
        }
        let duration = |(pattern, settings): (String, Value)| {
            (
                pattern,
                settings["maxDuration"].as_u64().map(Duration::from_secs),
            )
        };
        Ok(Self {
            redirects: file
                .redirects
                .into_iter()
                .map(Rule::parse)
                .collect::<Read<_>>()?,
            rewrites: file
                .rewrites
                .into_iter()
                .map(Rule::parse)
                .collect::<Read<_>>()?,
            headers: file
                .headers
                .into_iter()
                .map(parse_headers)
                .collect::<Read<_>>()?,
            durations: file.functions.into_iter().map(duration).collect(),
            clean_urls: file.clean_urls,
        })
    }

    /// Where a request is redirected to.
    pub(crate) fn redirect(&self, uri: &Uri, headers: &HeaderMap) -> Option<(String, StatusCode)> {
        let mut redirects = self
            .redirects
            .iter()
            .filter(|rule| rule.is_for(uri, headers));
        redirects.find_map(|rule| {
            let (target, query) = rule.apply(uri.path())?;
            let query: Vec<_> = query
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let mark = if query.is_empty() { "" } else { "?" };
            Some((format!("{target}{mark}{}", query.join("&")), rule.status))
        })
    }

    /// The rewrites whose conditions a request meets.
    pub(crate) fn rewrites(&self, uri: &Uri, headers: &HeaderMap) -> impl Iterator<Item = &Rule> {
        self.rewrites
            .iter()
            .filter(|rule| rule.is_for(uri, headers))
    }

    /// Headers of every rule that fits this path.
    pub(crate) fn headers(&self, path: &str) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        let fitting = self
            .headers
            .iter()
            .filter(|(source, _)| source.is_match(path));
        fitting.flat_map(|(_, headers)| headers)
    }

    /// How long the function of a file may take: what the first pattern that fits says, or what the platform gives.
    pub(crate) fn duration(&self, file: &str) -> Duration {
        self.declared_duration(file)
            .unwrap_or(Duration::from_secs(300))
    }

    /// How long the file says that it may take.
    pub(crate) fn declared_duration(&self, file: &str) -> Option<Duration> {
        self.durations[self.pattern(file)?].1
    }

    /// The first pattern that fits a file.
    fn pattern(&self, file: &str) -> Option<usize> {
        self.durations
            .iter()
            .position(|(pattern, _)| fits(pattern, file))
    }
}

/// Where requests of one form lead, or are sent instead with a status.
#[derive(Debug)]
pub(crate) struct Rule {
    source: SourcePattern,
    has: Vec<Condition>,
    missing: Vec<Condition>,
    destination: String,
    status: StatusCode,
}

impl Rule {
    fn parse(entry: Entry) -> Read<Self> {
        let usual = if entry.permanent.unwrap_or(true) {
            308
        } else {
            307
        };
        let conditions = |entries: Vec<ConditionEntry>| -> Read<Vec<Condition>> {
            entries.into_iter().map(Condition::parse).collect()
        };
        Ok(Self {
            source: SourcePattern::parse(&entry.source)?,
            has: conditions(entry.has)?,
            missing: conditions(entry.missing)?,
            destination: entry.destination,
            status: StatusCode::from_u16(entry.status_code.unwrap_or(usual))?,
        })
    }

    fn is_for(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        self.has.iter().all(|each| each.holds(uri, headers))
            && !self.missing.iter().any(|each| each.holds(uri, headers))
    }

    /// The path that stands in for this one, and the parameters that the query gets.
    pub(crate) fn apply(&self, path: &str) -> Option<(String, Vec<(String, String)>)> {
        self.source.apply(path, &self.destination)
    }
}

#[derive(Debug)]
struct Condition {
    part: Part,
    key: String,
    value: Option<Regex>,
}

impl Condition {
    fn parse(ConditionEntry { part, key, value }: ConditionEntry) -> Read<Self> {
        // The platform compares the whole value.
        let value = value
            .map(|value| Regex::new(&format!("^(?:{value})$")))
            .transpose()?;
        Ok(Self { part, key, value })
    }

    fn holds(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let pair = |pairs: &'_ str, between: char| {
            let mut pairs = pairs.split(between).map(str::trim);
            let pair = pairs.find(|pair| pair.split('=').next() == Some(&self.key))?;
            Some(
                pair.split_once('=')
                    .map_or("", |(_, value)| value)
                    .to_owned(),
            )
        };
        let found = match self.part {
            Part::Host => text("host").map(ToOwned::to_owned),
            Part::Header => text(&self.key).map(ToOwned::to_owned),
            Part::Cookie => text(header::COOKIE.as_str()).and_then(|pairs| pair(pairs, ';')),
            Part::Query => uri.query().and_then(|pairs| pair(pairs, '&')),
        };
        let fits = |found: String| {
            self.value
                .as_ref()
                .is_none_or(|value| value.is_match(&found))
        };
        found.is_some_and(fits)
    }
}

fn parse_headers(entry: HeadersEntry) -> Read<(SourcePattern, Vec<(HeaderName, HeaderValue)>)> {
    let header = |HeaderEntry { key, value }| -> Read<_> {
        Ok((HeaderName::try_from(key)?, HeaderValue::try_from(value)?))
    };
    let headers = entry.headers.into_iter().map(header).collect::<Read<_>>()?;
    Ok((SourcePattern::parse(&entry.source)?, headers))
}
