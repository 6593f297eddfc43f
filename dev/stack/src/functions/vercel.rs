//! The parts of `vercel.json` that decide what a request meets: redirects, headers, rewrites, durations.

use std::{fmt, fs, path::Path, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use regex::Regex;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::Functions;
use catalyst_cli::error::{Error, Result};

/// The rules of one deployment.
#[derive(Debug, Default)]
pub struct Rules {
    redirects: Vec<(Source, Conditions, String, StatusCode)>,
    rewrites: Vec<(Rewrite, Conditions)>,
    headers: Vec<(Source, Vec<(HeaderName, HeaderValue)>)>,
    durations: Vec<(String, Option<Duration>)>,
    /// Whether `/page` shows `page.html`, and `/page.html` leads there.
    pub clean_urls: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct File {
    redirects: Vec<Redirect>,
    rewrites: Vec<Rewriting>,
    headers: Vec<Headers>,
    functions: Patterns,
    clean_urls: bool,
}

/// The patterns of `functions` in the order in which they stand, which decides: a JSON map does not keep it.
#[derive(Debug, Default)]
struct Patterns(Vec<(String, Settings)>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    max_duration: Option<u64>,
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Patterns;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Patterns, A::Error> {
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
struct Redirect {
    source: String,
    destination: String,
    permanent: Option<bool>,
    status_code: Option<u16>,
    #[serde(default)]
    has: Vec<Asked>,
    #[serde(default)]
    missing: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
struct Rewriting {
    source: String,
    destination: String,
    #[serde(default)]
    has: Vec<Asked>,
    #[serde(default)]
    missing: Vec<Asked>,
}

/// What a rule asks of a request besides its path.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(rename = "type")]
    part: Part,
    #[serde(default)]
    key: String,
    value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Host,
    Header,
    Cookie,
    Query,
}

#[derive(Debug, Deserialize)]
struct Headers {
    source: String,
    headers: Vec<Header>,
}

#[derive(Debug, Deserialize)]
struct Header {
    key: String,
    value: String,
}

impl Rules {
    /// Reads the rules; a project without the file has none. Refuses what the platform refuses.
    pub fn read(path: &Path, functions: &Functions) -> Result<Self> {
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
    fn all_patterns_fit(&self, functions: &Functions) -> std::result::Result<(), String> {
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

    fn parse(text: &str) -> std::result::Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut rules = Self {
            clean_urls: file.clean_urls,
            ..Self::default()
        };
        for rule in file.redirects {
            let status = rule
                .status_code
                .unwrap_or(if rule.permanent.unwrap_or(true) {
                    308
                } else {
                    307
                });
            let status = StatusCode::from_u16(status).map_err(|error| error.to_string())?;
            rules.redirects.push((
                Source::parse(&rule.source)?,
                Conditions::parse(rule.has, rule.missing)?,
                rule.destination,
                status,
            ));
        }
        for rule in file.rewrites {
            let path = rule.destination.split('?').next().unwrap_or_default();
            if file.clean_urls && path.ends_with(".html") {
                return Err(format!(
                    "a rewrite leads to {path}, which is published without .html (cleanUrls)"
                ));
            }
            rules.rewrites.push((
                Rewrite {
                    source: Source::parse(&rule.source)?,
                    destination: rule.destination,
                },
                Conditions::parse(rule.has, rule.missing)?,
            ));
        }
        for rule in file.headers {
            let headers = rule
                .headers
                .into_iter()
                .map(|header| {
                    let name =
                        HeaderName::try_from(&header.key).map_err(|error| error.to_string())?;
                    let value =
                        HeaderValue::try_from(&header.value).map_err(|error| error.to_string())?;
                    Ok((name, value))
                })
                .collect::<std::result::Result<_, String>>()?;
            rules.headers.push((Source::parse(&rule.source)?, headers));
        }
        rules.durations = file
            .functions
            .0
            .into_iter()
            .map(|(pattern, settings)| (pattern, settings.max_duration.map(Duration::from_secs)))
            .collect();
        Ok(rules)
    }

    /// Where a request is redirected to.
    pub fn redirect(&self, uri: &Uri, headers: &HeaderMap) -> Option<(String, StatusCode)> {
        self.redirects
            .iter()
            .filter(|(_, conditions, ..)| conditions.met(uri, headers))
            .find_map(|(source, _, destination, status)| {
                let (target, rest) = source.apply(uri.path(), destination)?;
                Some((with_query(&target, &rest), *status))
            })
    }

    /// The rewrites whose conditions a request meets.
    pub fn rewrites(&self, uri: &Uri, headers: &HeaderMap) -> impl Iterator<Item = &Rewrite> {
        self.rewrites
            .iter()
            .filter(|(_, conditions)| conditions.met(uri, headers))
            .map(|(rewrite, _)| rewrite)
    }

    /// Headers of every rule that fits this path.
    pub fn headers<'a>(
        &'a self,
        path: &'a str,
    ) -> impl Iterator<Item = &'a (HeaderName, HeaderValue)> {
        self.headers
            .iter()
            .filter(|(source, _)| source.regex.is_match(path))
            .flat_map(|(_, headers)| headers)
    }

    /// How long the function of a file may take: what the first pattern that fits says, or what the platform gives.
    pub fn duration(&self, file: &str) -> Duration {
        self.declared_duration(file)
            .unwrap_or(Duration::from_secs(300))
    }

    /// How long the file says that it may take.
    pub fn declared_duration(&self, file: &str) -> Option<Duration> {
        self.durations[self.pattern(file)?].1
    }

    /// The first pattern that fits a file.
    fn pattern(&self, file: &str) -> Option<usize> {
        self.durations.iter().position(|(pattern, _)| {
            pattern == file || glob(pattern).is_some_and(|pattern| pattern.is_match(file))
        })
    }
}

/// Where paths of one form lead.
#[derive(Debug)]
pub struct Rewrite {
    source: Source,
    destination: String,
}

impl Rewrite {
    /// The path that stands in for this one, and the parameters that the query gets.
    pub fn apply(&self, path: &str) -> Option<(String, Vec<(String, String)>)> {
        self.source.apply(path, &self.destination)
    }
}

/// `has` and `missing` of a rule.
#[derive(Debug)]
struct Conditions {
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
    fn parse(has: Vec<Asked>, missing: Vec<Asked>) -> std::result::Result<Self, String> {
        let conditions = |asked: Vec<Asked>| {
            asked
                .into_iter()
                .map(Condition::parse)
                .collect::<std::result::Result<_, String>>()
        };
        Ok(Self {
            has: conditions(has)?,
            missing: conditions(missing)?,
        })
    }

    fn met(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        self.has.iter().all(|each| each.holds(uri, headers))
            && !self.missing.iter().any(|each| each.holds(uri, headers))
    }
}

impl Condition {
    fn parse(asked: Asked) -> std::result::Result<Self, String> {
        let value = asked
            .value
            .map(|value| {
                // The platform compares the whole value.
                Regex::new(&format!("^(?:{value})$"))
                    .map_err(|error| format!("condition {value:?}: {error}"))
            })
            .transpose()?;
        Ok(Self {
            part: asked.part,
            key: asked.key,
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

/// A source pattern: `/v/:id`, `/files/:path*`, `/api/(.*)`.
#[derive(Debug)]
struct Source {
    regex: Regex,
    names: Vec<String>,
}

impl Source {
    fn parse(source: &str) -> std::result::Result<Self, String> {
        let mut pattern = String::from("^");
        let mut names = Vec::new();
        let mut rest = source;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix(':')
                && let length = after
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                    .count()
                && length > 0
            {
                names.push(after[..length].to_owned());
                rest = &after[length..];
                let inner = if rest.starts_with('(') {
                    let (inner, after) = group(rest)?;
                    rest = after;
                    inner.to_owned()
                } else {
                    "[^/]+?".to_owned()
                };
                match rest.chars().next() {
                    Some(many @ ('*' | '+')) => {
                        rest = &rest[1..];
                        // The slash before belongs to the repeated part.
                        let optional = if many == '*' { "?" } else { "" };
                        if pattern.ends_with('/') {
                            pattern.pop();
                            pattern.push_str(&format!("(?:/({inner}(?:/{inner})*)){optional}"));
                        } else {
                            pattern.push_str(&format!("({inner}(?:/{inner})*){optional}"));
                        }
                    }
                    _ => pattern.push_str(&format!("({inner})")),
                }
            } else if next == '(' {
                let (inner, after) = group(rest)?;
                names.push(names.len().to_string());
                pattern.push_str(&format!("({inner})"));
                rest = after;
            } else {
                pattern.push_str(&regex::escape(&next.to_string()));
                rest = &rest[next.len_utf8()..];
            }
        }
        pattern.push('$');
        let regex = Regex::new(&pattern).map_err(|error| format!("source {source:?}: {error}"))?;
        Ok(Self { regex, names })
    }

    /// The destination with its parameters filled in, and those it does not use.
    fn apply(&self, path: &str, destination: &str) -> Option<(String, Vec<(String, String)>)> {
        let found = self.regex.captures(path)?;
        let mut target = destination.to_owned();
        let mut unused = Vec::new();
        for (index, name) in self.names.iter().enumerate() {
            let value = found.get(index + 1).map_or("", |part| part.as_str());
            let mut used = false;
            for placeholder in [
                format!(":{name}*"),
                format!(":{name}+"),
                format!(":{name}"),
                format!("${}", index + 1),
            ] {
                if target.contains(&placeholder) {
                    target = target.replace(&placeholder, value);
                    used = true;
                }
            }
            if !used && !name.starts_with(|first: char| first.is_ascii_digit()) {
                unused.push((name.clone(), value.to_owned()));
            }
        }
        let (target, query) = match target.split_once('?') {
            Some((target, query)) => (target.to_owned(), query.to_owned()),
            None => (target, String::new()),
        };
        let mut parameters: Vec<(String, String)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        parameters.extend(unused);
        Some((target, parameters))
    }
}

/// The text inside the parenthesis that `text` begins with, and what follows.
fn group(text: &str) -> std::result::Result<(&str, &str), String> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&text[1..at], &text[at + 1..]));
        }
    }
    Err(format!("{text:?} lacks a closing parenthesis"))
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

/// `api/cron/*.rs`, `api/**/*.rs`.
fn glob(pattern: &str) -> Option<Regex> {
    let mut regex = String::from("^");
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**/") {
            regex.push_str("(?:.*/)?");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            regex.push_str("[^/]*");
            rest = after;
        } else {
            regex.push_str(&regex::escape(&next.to_string()));
            rest = &rest[next.len_utf8()..];
        }
    }
    regex.push('$');
    Regex::new(&regex).ok()
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Duration};

    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::{Functions, Rules};

    fn no_headers() -> HeaderMap {
        HeaderMap::new()
    }

    fn with_cookie(cookie: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))])
    }

    #[test]
    fn sources_fit_as_on_the_platform() {
        let rules = Rules::parse(
            r#"{
              "cleanUrls": true,
              "redirects": [
                {"source": "/old/:id", "destination": "/new/:id", "permanent": false},
                {"source": "/login", "has": [{"type": "cookie", "key": "s", "value": "a+"}], "destination": "/app"},
                {"source": "/login", "missing": [{"type": "query", "key": "stay"}], "destination": "/welcome"}
              ],
              "rewrites": [
                {"source": "/v/:id", "destination": "/api/videos/:id"},
                {"source": "/files/:path*", "destination": "/api/files"},
                {"source": "/api/videos/(.*)", "destination": "/api/videos"}
              ],
              "headers": [{"source": "/api/(.*)", "headers": [{"key": "cache-control", "value": "no-store"}]}],
              "functions": {"api/cron/*.rs": {"maxDuration": 300}, "api/videos/[id].rs": {"maxDuration": 5}, "api/**/*.rs": {"maxDuration": 30}}
            }"#,
        )
        .unwrap();
        let redirect = |uri: &'static str, headers: &HeaderMap| {
            rules
                .redirect(&Uri::from_static(uri), headers)
                .map(|(target, status)| (target, status.as_u16()))
        };
        let rewrite = |path: &'static str| {
            rules
                .rewrites(&Uri::from_static(path), &no_headers())
                .find_map(|rewrite| rewrite.apply(path))
        };
        assert!(rules.clean_urls);
        assert_eq!(
            redirect("/old/7", &no_headers()),
            Some(("/new/7".to_owned(), 307))
        );
        assert_eq!(
            redirect("/login", &with_cookie("x=1; s=aaa")),
            Some(("/app".to_owned(), 308))
        );
        assert_eq!(
            redirect("/login", &with_cookie("s=aab")),
            Some(("/welcome".to_owned(), 308))
        );
        assert_eq!(redirect("/login?stay=1", &with_cookie("t=aaa")), None);
        assert_eq!(
            rewrite("/v/77").unwrap(),
            ("/api/videos/77".to_owned(), vec![])
        );
        assert_eq!(
            rewrite("/files/a/b").unwrap(),
            (
                "/api/files".to_owned(),
                vec![("path".to_owned(), "a/b".to_owned())]
            )
        );
        assert!(rewrite("/files").is_some());
        assert_eq!(
            rewrite("/api/videos/7/more").unwrap(),
            ("/api/videos".to_owned(), vec![])
        );
        assert_eq!(rewrite("/api/videos"), None);
        assert_eq!(rewrite("/v/7/8"), None);
        assert_eq!(rules.headers("/api/x/y").count(), 1);
        assert_eq!(rules.headers("/").count(), 0);
        assert_eq!(rules.duration("api/videos/[id].rs"), Duration::from_secs(5));
        assert_eq!(rules.duration("api/a/b/c.rs"), Duration::from_secs(30));
        assert_eq!(
            rules.duration("api/cron/dispatch.rs"),
            Duration::from_secs(300)
        );
    }

    #[test]
    fn what_the_platform_refuses_or_does_not_find_is_refused() {
        let page = r#"{"cleanUrls": true, "rewrites": [{"source": "/d/:id", "destination": "/dashboard.html?x=1"}]}"#;
        let problem = Rules::parse(page).unwrap_err();
        assert!(problem.contains("/dashboard.html"), "{problem}");
        assert!(Rules::parse(&page.replace("true", "false")).is_ok());

        let functions = Functions::new(
            ["api/me.rs", "api/video.rs"].map(|file| (file.to_owned(), file.to_owned())),
        );
        let fit = |patterns: &str| {
            Rules::parse(&format!(r#"{{"functions": {{{patterns}}}}}"#))
                .unwrap()
                .all_patterns_fit(&functions)
        };
        assert_eq!(fit(r#""api/me.rs": {}, "api/*.rs": {}"#), Ok(()));
        for (patterns, idle) in [
            (r#""api/*.rs": {}, "api/me.rs": {}"#, "api/me.rs"),
            (r#""api/*.rs": {}, "api/cron/*.rs": {}"#, "api/cron/*.rs"),
        ] {
            assert!(fit(patterns).unwrap_err().contains(idle), "{patterns}");
        }
    }

    #[test]
    fn the_first_pattern_in_the_file_decides_how_long_a_function_may_take() {
        let rules = Rules::parse(
            r#"{"functions": {"api/me.rs": {"maxDuration": 300}, "api/*.rs": {"maxDuration": 30}}}"#,
        )
        .unwrap();
        assert_eq!(rules.duration("api/me.rs"), Duration::from_secs(300));
        assert_eq!(rules.duration("api/admin.rs"), Duration::from_secs(30));
        assert_eq!(rules.declared_duration("api/x/y.rs"), None);
        assert_eq!(rules.duration("api/x/y.rs"), Duration::from_secs(300));
    }

    #[test]
    fn whoever_has_a_session_cookie_is_led_from_the_front_page_to_the_dashboard() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vercel.json");
        let rules = Rules::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
        let led = |path: &'static str, cookie: &'static str| {
            rules
                .redirect(&Uri::from_static(path), &with_cookie(cookie))
                .map(|(target, status)| (target, status.as_u16()))
        };
        let there = Some(("/dashboard".to_owned(), 307));
        for cookie in [
            "sb-abcdefghijklmnopqrst-auth-token=base64-eyJ9",
            "theme=dark; sb-abcdefghijklmnopqrst-auth-token.0=base64-eyJ9; sb-abcdefghijklmnopqrst-auth-token.1=x",
            "sb-auth-auth-token=x; a=b",
            "sb-dashboard-auth-token=1",
        ] {
            assert_eq!(led("/", cookie), there, "{cookie}");
            assert_eq!(led("/docs/errors", cookie), None, "{cookie}");
        }
        for cookie in [
            "theme=dark",
            "sb-abc-auth-token=",
            "sb-abc-auth-token-code-verifier=x",
            "xsb-abc-auth-token=x",
            "a=sb-abc-auth-token=x",
        ] {
            assert_eq!(led("/", cookie), None, "{cookie}");
        }
        assert!(
            rules
                .redirect(&Uri::from_static("/"), &no_headers())
                .is_none()
        );
    }
}
