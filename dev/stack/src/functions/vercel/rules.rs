//! The rules of a deployment, read from its `vercel.json`.

use std::{fs, path::Path, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};

use super::{
    condition::Conditions,
    config_file::{ConfigFile, HeadersEntry, RedirectEntry, RewriteEntry},
    function_pattern,
    source_pattern::SourcePattern,
};
use crate::functions::function::Functions;
use catalyst_cli::error::{Error, Result};

/// The rules of one deployment.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    redirects: Vec<Redirect>,
    rewrites: Vec<(Rewrite, Conditions)>,
    headers: Vec<HeadersOfPath>,
    durations: Vec<(String, Option<Duration>)>,
    /// Whether `/page` shows `page.html`, and `/page.html` leads there.
    pub(crate) clean_urls: bool,
}

impl Rules {
    /// Reads the rules; a project without the file has none. Refuses what the platform refuses.
    pub(crate) fn read(path: &Path, functions: &Functions) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(Error::io(format!("cannot read {}", path.display()))(error)),
        };
        Self::parse(&text)
            .and_then(|rules| {
                rules.all_patterns_fit(functions)?;
                Ok(rules)
            })
            .map_err(|problem| {
                Error::setup(format!("{}: {problem}", path.display()), "mend the file")
            })
    }

    /// Every pattern of `functions` must be the first that fits some file: the platform refuses any other.
    pub(super) fn all_patterns_fit(
        &self,
        functions: &Functions,
    ) -> std::result::Result<(), String> {
        let idle = (0..self.durations.len()).find(|&at| {
            !functions
                .all()
                .any(|function| self.pattern(&function.file) == Some(at))
        });
        match idle {
            Some(at) => Err(format!(
                "the pattern {} is no file's first match; the platform refuses that",
                self.durations[at].0
            )),
            None => Ok(()),
        }
    }

    pub(super) fn parse(text: &str) -> std::result::Result<Self, String> {
        let file: ConfigFile = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let clean_urls = file.clean_urls;
        let rewrite = |entry| parse_rewrite(entry, clean_urls);
        let durations =
            file.functions.0.into_iter().map(|(pattern, settings)| {
                (pattern, settings.max_duration.map(Duration::from_secs))
            });
        Ok(Self {
            redirects: parse_all(file.redirects, parse_redirect)?,
            rewrites: parse_all(file.rewrites, rewrite)?,
            headers: parse_all(file.headers, parse_headers)?,
            durations: durations.collect(),
            clean_urls,
        })
    }

    /// Where a request is redirected to.
    pub(crate) fn redirect(&self, uri: &Uri, headers: &HeaderMap) -> Option<(String, StatusCode)> {
        self.redirects
            .iter()
            .filter(|redirect| redirect.conditions.are_met(uri, headers))
            .find_map(|redirect| {
                let (target, rest) = redirect.source.apply(uri.path(), &redirect.destination)?;
                Some((with_query(&target, &rest), redirect.status))
            })
    }

    /// The rewrites whose conditions a request meets.
    pub(crate) fn rewrites(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> impl Iterator<Item = &Rewrite> {
        self.rewrites
            .iter()
            .filter(|(_, conditions)| conditions.are_met(uri, headers))
            .map(|(rewrite, _)| rewrite)
    }

    /// Headers of every rule that fits this path.
    pub(crate) fn headers<'a>(
        &'a self,
        path: &'a str,
    ) -> impl Iterator<Item = &'a (HeaderName, HeaderValue)> {
        self.headers
            .iter()
            .filter(|(source, _)| source.is_match(path))
            .flat_map(|(_, headers)| headers)
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
            .position(|(pattern, _)| function_pattern::fits(pattern, file))
    }
}

/// Where requests of one form are sent instead.
#[derive(Debug)]
struct Redirect {
    source: SourcePattern,
    conditions: Conditions,
    destination: String,
    status: StatusCode,
}

type HeadersOfPath = (SourcePattern, Vec<(HeaderName, HeaderValue)>);

/// Where paths of one form lead.
#[derive(Debug)]
pub(crate) struct Rewrite {
    source: SourcePattern,
    destination: String,
}

impl Rewrite {
    /// The path that stands in for this one, and the parameters that the query gets.
    pub(crate) fn apply(&self, path: &str) -> Option<(String, Vec<(String, String)>)> {
        self.source.apply(path, &self.destination)
    }
}

fn parse_all<Entry, Rule>(
    entries: Vec<Entry>,
    parse: impl Fn(Entry) -> std::result::Result<Rule, String>,
) -> std::result::Result<Vec<Rule>, String> {
    entries.into_iter().map(parse).collect()
}

fn parse_redirect(entry: RedirectEntry) -> std::result::Result<Redirect, String> {
    let usual = if entry.permanent.unwrap_or(true) {
        308
    } else {
        307
    };
    let status = entry.status_code.unwrap_or(usual);
    Ok(Redirect {
        source: SourcePattern::parse(&entry.source)?,
        conditions: Conditions::parse(entry.has, entry.missing)?,
        destination: entry.destination,
        status: StatusCode::from_u16(status).map_err(|error| error.to_string())?,
    })
}

fn parse_rewrite(
    entry: RewriteEntry,
    clean_urls: bool,
) -> std::result::Result<(Rewrite, Conditions), String> {
    let path = entry.destination.split('?').next().unwrap_or_default();
    if clean_urls && path.ends_with(".html") {
        return Err(format!(
            "a rewrite leads to {path}, which is published without .html (cleanUrls)"
        ));
    }
    let source = SourcePattern::parse(&entry.source)?;
    let conditions = Conditions::parse(entry.has, entry.missing)?;
    Ok((
        Rewrite {
            source,
            destination: entry.destination,
        },
        conditions,
    ))
}

fn parse_headers(entry: HeadersEntry) -> std::result::Result<HeadersOfPath, String> {
    let header = |name: &str, value: &str| -> std::result::Result<_, http::Error> {
        Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value)?))
    };
    let headers = entry
        .headers
        .iter()
        .map(|entry| header(&entry.key, &entry.value).map_err(|error| error.to_string()))
        .collect::<std::result::Result<_, String>>()?;
    Ok((SourcePattern::parse(&entry.source)?, headers))
}

fn with_query(target: &str, parameters: &[(String, String)]) -> String {
    let query: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if query.is_empty() {
        target.to_owned()
    } else {
        format!("{target}?{}", query.join("&"))
    }
}
