//! What shows in the variables themselves, without asking anybody.

use std::collections::{BTreeMap, BTreeSet};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use platform::{clock, config::Config};
use serde_json::Value;
use url::Url;

use super::Finding;
use crate::project::Project;

/// Supabase's regions and the one of Vercel's beside each.
const NEIGHBOURS: [(&str, &str); 5] = [
    ("eu-central-1", "fra1"),
    ("eu-central-2", "fra1"),
    ("eu-north-1", "arn1"),
    ("eu-west-1", "dub1"),
    ("eu-west-3", "cdg1"),
];

/// Beginnings of names that are ours or our services', so that a misspelt one can be told.
const FAMILIES: [&str; 12] = [
    "CRON_",
    "DISPATCH_",
    "ENABLE_",
    "ERROR_TRACKING_",
    "GEMINI_",
    "GOOGLE_",
    "MAX_",
    "MONITORING_",
    "RENDER_",
    "REVID_",
    "SUPABASE_",
    "TOKEN_",
];

/// Variables that can be worked with: those that cannot be read were reported and replaced.
#[derive(Debug)]
pub(super) struct Paper<'a> {
    pub(super) config: Config,
    variables: &'a BTreeMap<String, String>,
    /// What was reported already; nothing can be asked with it.
    broken: BTreeSet<&'static str>,
}

/// Reads the configuration, naming every variable that is missing or malformed, not only the first.
pub(super) fn read<'a>(
    variables: &'a BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) -> Option<Paper<'a>> {
    let mut usable = variables.clone();
    let mut broken = BTreeSet::new();
    loop {
        let error = match Config::read(&|name| usable.get(name).cloned()) {
            Ok(config) => {
                if broken.is_empty() {
                    findings.push(Finding::fine("every variable that is set can be read"));
                }
                return Some(Paper {
                    config,
                    variables,
                    broken,
                });
            }
            Err(error) => error,
        };
        findings.push(Finding::fault(
            format!("{} {}", error.variable, error.problem),
            cure(error.variable),
        ));
        if !broken.insert(error.variable) {
            // Nothing that could stand in for it is known: what comes after cannot be looked at.
            return None;
        }
        match error.variable {
            "SUPABASE_URL" | "APP_URL" => {
                usable.insert(
                    error.variable.to_owned(),
                    "https://not-set.invalid".to_owned(),
                );
            }
            "SUPABASE_PUBLISHABLE_KEY" | "SUPABASE_SECRET_KEY" | "GOOGLE_CLIENT_SECRET" => {
                usable.insert(error.variable.to_owned(), "not-set".to_owned());
            }
            name if name.ends_with("_URL") && !usable.contains_key(name) => {
                usable.insert(name.to_owned(), "http://127.0.0.1:9".to_owned());
            }
            name => {
                usable.remove(name);
            }
        }
    }
}

fn cure(variable: &str) -> String {
    match variable {
        "SUPABASE_URL" => {
            "copy it from the project's settings, Data API: https://<ref>.supabase.co".into()
        }
        "SUPABASE_PUBLISHABLE_KEY" | "SUPABASE_SECRET_KEY" => {
            "copy it from the project's settings, API keys".into()
        }
        "APP_URL" => {
            "the address at which Vercel serves this deployment, like https://app.example.com"
                .into()
        }
        "CRON_SECRET" => "make one: `openssl rand -hex 32`".into(),
        "TOKEN_ENCRYPTION_KEYS" => "make one: `echo k1:$(openssl rand -base64 32)`".into(),
        "GOOGLE_CLIENT_SECRET" => {
            "copy it from the OAuth client at Google, or make a new one there".into()
        }
        other => format!("see {other} in .env.example"),
    }
}

impl Paper<'_> {
    /// A variable as it is set.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Whether these could all be read.
    pub(super) fn sound(&self, names: &[&str]) -> bool {
        names.iter().all(|name| !self.broken.contains(name))
    }

    /// Whether this is the local stack, where some things are otherwise.
    pub(super) fn is_local(&self) -> bool {
        loopback(&self.config.app.url)
    }

    pub(super) fn examine(&self, project: &Project, findings: &mut Vec<Finding>) {
        let before = findings.len();
        self.presence(findings);
        self.spelling(project, findings);
        self.supabase_keys(findings);
        self.addresses(findings);
        self.secrets(findings);
        self.google(findings);
        self.flags(findings);
        self.place(project, findings);
        if !findings[before..].iter().any(Finding::is_fault) {
            findings.push(Finding::fine("the variables fit together"));
        }
    }

    fn presence(&self, findings: &mut Vec<Finding>) {
        for (name, cure) in [
            (
                "CRON_SECRET",
                "without it the dispatcher refuses every call: `openssl rand -hex 32`",
            ),
            (
                "TOKEN_ENCRYPTION_KEYS",
                "without it no channel can be connected: `echo k1:$(openssl rand -base64 32)`",
            ),
            (
                "GOOGLE_CLIENT_ID",
                "make an OAuth client of type web application; without it no channel can be connected",
            ),
            (
                "GEMINI_API_KEY",
                "make a key at Google AI Studio; generating needs it",
            ),
            (
                "REVID_API_KEY",
                "take it from the RevID account; rendering needs it",
            ),
        ] {
            if self.text(name).is_none() && self.sound(&[name]) {
                findings.push(Finding::fault(format!("{name} is not set"), cure));
            }
        }
        if self.text("GOOGLE_CLIENT_SECRET").is_some() && self.text("GOOGLE_CLIENT_ID").is_none() {
            findings.push(Finding::fault(
                "GOOGLE_CLIENT_SECRET is set, but GOOGLE_CLIENT_ID is not",
                "both belong to one OAuth client",
            ));
        }
    }

    /// Names that nothing reads, and values that were pasted with too much around them.
    fn spelling(&self, project: &Project, findings: &mut Vec<Finding>) {
        let example =
            std::fs::read_to_string(project.root().join(".env.example")).unwrap_or_default();
        let known: BTreeSet<&str> = example
            .lines()
            .filter_map(|line| line.trim_start_matches("# ").split_once('='))
            .map(|(name, _)| name)
            .collect();
        for (name, value) in self.variables {
            if FAMILIES.iter().any(|family| name.starts_with(family))
                && !known.is_empty()
                && !known.contains(name.as_str())
            {
                let near = known.iter().find(|known| distance(known, name) <= 2);
                findings.push(Finding::advice(
                    format!("nothing reads {name}"),
                    near.map_or_else(
                        || {
                            "take it out, or see .env.example for the name that was meant"
                                .to_owned()
                        },
                        |near| format!("was {near} meant?"),
                    ),
                ));
            }
            let quoted = value.len() > 1
                && ['"', '\'']
                    .iter()
                    .any(|quote| value.starts_with(*quote) && value.ends_with(*quote));
            if known.contains(name.as_str()) && (quoted || value.contains(['\n', '\r'])) {
                findings.push(Finding::fault(
                    format!("{name} has quotes or line breaks around its value"),
                    "paste the value alone: hosts do not strip them",
                ));
            }
        }
    }

    fn supabase_keys(&self, findings: &mut Vec<Finding>) {
        let host = self
            .config
            .supabase
            .url
            .host_str()
            .unwrap_or_default()
            .to_owned();
        let reference = host.strip_suffix(".supabase.co").map(ToOwned::to_owned);
        let secret =
            secrecy::ExposeSecret::expose_secret(&self.config.supabase.secret_key).to_owned();
        for (name, key, prefix, role) in [
            (
                "SUPABASE_PUBLISHABLE_KEY",
                &self.config.supabase.publishable_key,
                "sb_publishable_",
                "anon",
            ),
            ("SUPABASE_SECRET_KEY", &secret, "sb_secret_", "service_role"),
        ] {
            if !self.sound(&[name]) || key.starts_with(prefix) {
                continue;
            }
            let name = if self.text(name).is_some() {
                name
            } else if role == "anon" {
                "SUPABASE_ANON_KEY"
            } else {
                "SUPABASE_SERVICE_ROLE_KEY"
            };
            if key.starts_with("sb_") {
                findings.push(Finding::fault(
                    format!("{name} begins with {}…, which is the other kind of key", key.get(..6).unwrap_or(key)),
                    if role == "anon" {
                        format!("give the {prefix}… key; the secret one may have been seen by others: make a new one")
                    } else {
                        format!("give the {prefix}… key: with a public one nothing can be written")
                    },
                ));
                continue;
            }
            let Some(claims) = claims(key) else {
                if !self.is_local() {
                    findings.push(Finding::fault(
                        format!("{name} is neither a {prefix}… key nor a legacy key (a JWT)"),
                        "copy it from the project's settings, API keys",
                    ));
                }
                continue;
            };
            if claims["role"] != role {
                findings.push(Finding::fault(
                    format!(
                        "{name} is a key of the role {}",
                        claims["role"].as_str().unwrap_or("nobody")
                    ),
                    format!("give the one of the role {role}"),
                ));
            }
            if let (Some(wanted), Some(given)) = (&reference, claims["ref"].as_str())
                && wanted != given
            {
                findings.push(Finding::fault(
                    format!("{name} is a key of the project {given}, but SUPABASE_URL is that of {wanted}"),
                    "take both from one project",
                ));
            }
            if claims["exp"]
                .as_i64()
                .is_some_and(|end| end < clock::now().as_second())
            {
                findings.push(Finding::fault(
                    format!("{name} has expired"),
                    "make new API keys",
                ));
            }
            findings.push(Finding::advice(
                format!("{name} is a legacy API key"),
                format!("make {prefix}… keys: the legacy pair is being retired"),
            ));
        }
    }

    fn addresses(&self, findings: &mut Vec<Finding>) {
        let app = &self.config.app.url;
        for (name, url) in [
            ("APP_URL", Some(app)),
            ("SUPABASE_URL", Some(&self.config.supabase.url)),
            ("FRONTEND_URL", self.config.app.frontend_url.as_ref()),
        ] {
            let Some(url) = url.filter(|_| self.sound(&[name])) else {
                continue;
            };
            if !self.is_local() && loopback(url) {
                findings.push(Finding::fault(
                    format!("{name} is on this machine ({url}), but APP_URL is not"),
                    "give an address that the deployment can reach",
                ));
            } else if !loopback(url) && url.scheme() != "https" {
                findings.push(Finding::fault(
                    format!("{name} is {url}"),
                    "give an https address",
                ));
            }
            if name != "FRONTEND_URL" && url.path() != "/" {
                findings.push(Finding::fault(
                    format!("{name} has the path {}", url.path()),
                    "give the address without a path: paths are added to it",
                ));
            }
        }
        if self.sound(&["APP_URL", "SUPABASE_URL"])
            && app.host_str() == self.config.supabase.url.host_str()
            && !self.is_local()
        {
            findings.push(Finding::fault(
                "APP_URL is Supabase's address",
                "give the address at which Vercel serves this deployment",
            ));
        }
        if self.config.app.frontend_url.is_none() && self.sound(&["FRONTEND_URL"]) {
            findings.push(Finding::advice("FRONTEND_URL is not set", "set it: browsers of another origin may then call this API, and consent ends at your page"));
        }
    }

    fn secrets(&self, findings: &mut Vec<Finding>) {
        if let Some(secret) = self
            .text("CRON_SECRET")
            .filter(|_| self.sound(&["CRON_SECRET"]))
            && guessable(secret)
        {
            findings.push(Finding::fault(
                "CRON_SECRET can be guessed",
                "take a random one: `openssl rand -hex 32`",
            ));
        }
        if let Some(keys) = self
            .text("TOKEN_ENCRYPTION_KEYS")
            .filter(|_| self.sound(&["TOKEN_ENCRYPTION_KEYS"]))
        {
            let mut seen = BTreeSet::new();
            for entry in keys.split(',') {
                let Some((id, key)) = entry.trim().split_once(':') else {
                    continue;
                };
                let Ok(bytes) = STANDARD.decode(key) else {
                    continue;
                };
                if bytes.iter().collect::<BTreeSet<_>>().len() < 16 {
                    findings.push(Finding::fault(format!("the key {id} in TOKEN_ENCRYPTION_KEYS is not random"), "make one with `openssl rand -base64 32`, put it first, and run `catalyst keys rotate`"));
                }
                if !seen.insert(bytes) {
                    findings.push(Finding::fault(format!("the key {id} in TOKEN_ENCRYPTION_KEYS stands there under another name too"), "keys of different names must differ"));
                }
            }
            if seen.len() > 2 {
                findings.push(Finding::advice(
                    format!("TOKEN_ENCRYPTION_KEYS holds {} keys", seen.len()),
                    "run `catalyst keys rotate`, then take the older ones out",
                ));
            }
        }
        let values: Vec<_> = [
            "CRON_SECRET",
            "SUPABASE_SECRET_KEY",
            "GOOGLE_CLIENT_SECRET",
            "GEMINI_API_KEY",
            "REVID_API_KEY",
        ]
        .into_iter()
        .filter_map(|name| Some((name, self.text(name)?)))
        .collect();
        for (at, (name, value)) in values.iter().enumerate() {
            if let Some((other, _)) = values[..at].iter().find(|(_, other)| other == value) {
                findings.push(Finding::fault(
                    format!("{name} and {other} are the same"),
                    "each secret has one use",
                ));
            }
        }
    }

    fn google(&self, findings: &mut Vec<Finding>) {
        if self.config.app.mocking {
            return;
        }
        if let Some(id) = self.text("GOOGLE_CLIENT_ID")
            && !id.ends_with(".apps.googleusercontent.com")
        {
            findings.push(Finding::fault(
                "GOOGLE_CLIENT_ID does not end with .apps.googleusercontent.com",
                "copy the client ID of an OAuth client of type web application",
            ));
        }
        if let Some(secret) = self.text("GOOGLE_CLIENT_SECRET")
            && !secret.starts_with("GOCSPX-")
        {
            findings.push(Finding::advice(
                "GOOGLE_CLIENT_SECRET does not begin with GOCSPX-",
                "make a new secret at the OAuth client if this one is old",
            ));
        }
    }

    fn flags(&self, findings: &mut Vec<Finding>) {
        if self.config.app.mocking && !self.is_local() {
            findings.push(Finding::fault(
                "ENABLE_API_MOCKING is true on a deployment",
                "set it to false: nothing would ever reach YouTube",
            ));
        }
        if !self.config.app.mocking {
            for name in [
                "CLOCK_FILE",
                "GOOGLE_OAUTH_URL",
                "YOUTUBE_URL",
                "GEMINI_URL",
                "REVID_URL",
            ] {
                if self.text(name).is_some() {
                    findings.push(Finding::advice(
                        format!("{name} is set, but only read while mocking"),
                        "take it out",
                    ));
                }
            }
        }
        if !self.config.limits.rate_limiting {
            findings.push(Finding::advice(
                "ENABLE_RATE_LIMITING is false",
                "anybody with an account may ask as often as they like",
            ));
        }
        if self
            .variables
            .get("ENABLE_DEBUG_MODE")
            .is_some_and(|value| value == "true")
            && !self.is_local()
        {
            findings.push(Finding::advice(
                "ENABLE_DEBUG_MODE is true on a deployment",
                "set it to false",
            ));
        }
    }

    /// Where the functions run and where the data is.
    fn place(&self, project: &Project, findings: &mut Vec<Finding>) {
        let vercel: Value = std::fs::read_to_string(project.root().join("vercel.json"))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let database = self
            .text("DATABASE_URL")
            .and_then(|url| Url::parse(url).ok());
        if let Some(url) = &database {
            let reference = self
                .config
                .supabase
                .url
                .host_str()
                .and_then(|host| host.strip_suffix(".supabase.co"));
            let named = url.username().strip_prefix("postgres.").or_else(|| {
                url.host_str()?
                    .strip_prefix("db.")?
                    .strip_suffix(".supabase.co")
            });
            if let (Some(reference), Some(named)) = (reference, named)
                && reference != named
            {
                findings.push(Finding::fault(
                    format!("DATABASE_URL is that of the project {named}, but SUPABASE_URL that of {reference}"),
                    "take both from one project: staging and production have one each",
                ));
            }
            if url.port() == Some(6543) {
                findings.push(Finding::fault(
                    "DATABASE_URL goes through the transaction pooler (port 6543)",
                    "use port 5432: migrations, locks and dumps need a session",
                ));
            }
        }
        let region = database
            .as_ref()
            .and_then(Url::host_str)
            .and_then(pooler_region);
        if let Some(region) = region {
            let ours = vercel["regions"][0].as_str().unwrap_or("iad1");
            match NEIGHBOURS.iter().find(|(theirs, _)| *theirs == region) {
                Some((_, near)) if *near == ours => findings.push(Finding::fine(format!("functions ({ours}) and database ({region}) are neighbours"))),
                Some((_, near)) => findings.push(Finding::advice(
                    format!("the database is in {region}, the functions run in {ours}"),
                    format!("set \"regions\": [\"{near}\"] in vercel.json: each request crosses that distance several times"),
                )),
                None => findings.push(Finding::fault(
                    format!("the database is in {region}, outside the European Union"),
                    "make a project in eu-central-1 (Frankfurt) and restore a backup into it",
                )),
            }
        }
        let url = &self.config.supabase.url;
        let host = url.host_str().unwrap_or_default();
        let allowed = vercel["headers"].to_string();
        if self.sound(&["SUPABASE_URL"])
            && !loopback(url)
            && !host.ends_with(".supabase.co")
            && !allowed.contains(host)
        {
            findings.push(Finding::advice(
                format!("the dashboard may not reach {host}"),
                format!("add https://{host} to connect-src of /dashboard in vercel.json"),
            ));
        }
    }
}

fn pooler_region(host: &str) -> Option<&str> {
    let (first, rest) = host.split_once('.')?;
    rest.starts_with("pooler.supabase.").then_some(())?;
    // aws-0-eu-central-1
    first.splitn(3, '-').nth(2)
}

fn loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// The claims of a JWT, unchecked.
fn claims(key: &str) -> Option<Value> {
    let mut parts = key.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// Few different characters, or words that people take.
fn guessable(secret: &str) -> bool {
    let lower = secret.to_lowercase();
    let few = secret.chars().collect::<BTreeSet<_>>().len() < 8;
    let words = [
        "secret",
        "password",
        "changeme",
        "change-me",
        "example",
        "cron",
        "test",
        "0123456789",
        "abcdef123",
        "qwerty",
    ];
    few || words.iter().any(|word| lower.contains(word))
}

/// How many letters two names differ by.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let change = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As good as random.
    const RANDOM: &str = "5e0c9d71b2a84f36";

    /// A configuration in which nothing is wrong.
    fn sound() -> BTreeMap<String, String> {
        [
            ("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co".to_owned()),
            ("SUPABASE_PUBLISHABLE_KEY", format!("sb_publishable_{}", "x1y2".repeat(6))),
            ("SUPABASE_SECRET_KEY", format!("sb_secret_{}", "a1b2".repeat(6))),
            ("APP_URL", "https://api.example.com".to_owned()),
            ("FRONTEND_URL", "https://app.example.com/start".to_owned()),
            ("CRON_SECRET", RANDOM.repeat(4)),
            ("TOKEN_ENCRYPTION_KEYS", format!("k1:{}", STANDARD.encode((0..32).collect::<Vec<u8>>()))),
            ("GOOGLE_CLIENT_ID", "1-a.apps.googleusercontent.com".to_owned()),
            ("GOOGLE_CLIENT_SECRET", format!("GOCSPX-{}", "q".repeat(8))),
            ("GEMINI_API_KEY", "gemini".to_owned()),
            ("REVID_API_KEY", "revid".to_owned()),
            ("DATABASE_URL", "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:5432/postgres".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    fn jwt(claims: &Value) -> String {
        format!(
            "{}.{}.sig",
            URL_SAFE_NO_PAD.encode("{}"),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        )
    }

    fn findings(variables: &BTreeMap<String, String>) -> Vec<Finding> {
        let project = Project::at(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let mut findings = Vec::new();
        if let Some(paper) = read(variables, &mut findings) {
            paper.examine(&project, &mut findings);
        }
        findings
    }

    /// What is found when these variables are set otherwise; an empty value takes one out.
    fn changed(changes: &[(&str, &str)]) -> Vec<Finding> {
        let mut variables = sound();
        for (name, value) in changes {
            if value.is_empty() {
                variables.remove(*name);
            } else {
                variables.insert((*name).to_owned(), (*value).to_owned());
            }
        }
        findings(&variables)
    }

    #[test]
    fn nothing_is_found_where_nothing_is_wrong() {
        let found = findings(&sound());
        assert!(
            found
                .iter()
                .all(|finding| matches!(finding, Finding::Fine(_))),
            "{found:#?}"
        );
        assert!(
            found.contains(&Finding::fine(
                "functions (fra1) and database (eu-central-1) are neighbours"
            )),
            "{found:#?}"
        );
    }

    /// Each wrong setting alone is named, and nothing but it is a fault.
    #[test]
    fn every_wrong_setting_is_named() {
        let anon = jwt(
            &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 4_000_000_000_i64}),
        );
        let foreign = jwt(
            &serde_json::json!({"role": "service_role", "ref": "zzzzzzzzzzzzzzzzzzzz", "exp": 4_000_000_000_i64}),
        );
        let old = jwt(
            &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 1_000_000_000}),
        );
        let zeros = format!("k1:{}", STANDARD.encode([0; 32]));
        let twice = {
            let key = STANDARD.encode((0..32).collect::<Vec<u8>>());
            format!("k2:{key},k1:{key}")
        };
        let secret = sound()["SUPABASE_SECRET_KEY"].clone();
        let public = sound()["SUPABASE_PUBLISHABLE_KEY"].clone();
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("SUPABASE_URL", "")], "SUPABASE_URL is not set"),
            (
                &[("SUPABASE_URL", "abcdefghijklmnopqrst")],
                "SUPABASE_URL is not an http or https URL",
            ),
            (
                &[("SUPABASE_PUBLISHABLE_KEY", "")],
                "SUPABASE_PUBLISHABLE_KEY is not set",
            ),
            (
                &[("SUPABASE_SECRET_KEY", "")],
                "SUPABASE_SECRET_KEY is not set",
            ),
            (&[("APP_URL", "")], "APP_URL is not set"),
            (&[("CRON_SECRET", "")], "CRON_SECRET is not set"),
            (
                &[("TOKEN_ENCRYPTION_KEYS", "")],
                "TOKEN_ENCRYPTION_KEYS is not set",
            ),
            (
                &[("GOOGLE_CLIENT_ID", ""), ("GOOGLE_CLIENT_SECRET", "")],
                "GOOGLE_CLIENT_ID is not set",
            ),
            (
                &[("GOOGLE_CLIENT_SECRET", "")],
                "GOOGLE_CLIENT_SECRET is not set although GOOGLE_CLIENT_ID is",
            ),
            (&[("GEMINI_API_KEY", "")], "GEMINI_API_KEY is not set"),
            (&[("REVID_API_KEY", "")], "REVID_API_KEY is not set"),
            (&[("CRON_SECRET", "short")], "CRON_SECRET is shorter"),
            (
                &[("CRON_SECRET", "my-cron-secret-of-today")],
                "CRON_SECRET can be guessed",
            ),
            (
                &[("CRON_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa")],
                "CRON_SECRET can be guessed",
            ),
            (
                &[("TOKEN_ENCRYPTION_KEYS", "k1:c2hvcnQ=")],
                "TOKEN_ENCRYPTION_KEYS",
            ),
            (
                &[("TOKEN_ENCRYPTION_KEYS", &zeros)],
                "the key k1 in TOKEN_ENCRYPTION_KEYS is not random",
            ),
            (
                &[("TOKEN_ENCRYPTION_KEYS", &twice)],
                "the key k1 in TOKEN_ENCRYPTION_KEYS stands there under another name",
            ),
            (
                &[("SUPABASE_SECRET_KEY", &public)],
                "SUPABASE_SECRET_KEY begins with sb_pub",
            ),
            (
                &[("SUPABASE_SECRET_KEY", "hello")],
                "SUPABASE_SECRET_KEY is neither",
            ),
            (
                &[("SUPABASE_SECRET_KEY", &anon)],
                "SUPABASE_SECRET_KEY is a key of the role anon",
            ),
            (
                &[
                    ("SUPABASE_SECRET_KEY", ""),
                    ("SUPABASE_SERVICE_ROLE_KEY", &foreign),
                ],
                "SUPABASE_SERVICE_ROLE_KEY is a key of the project zzzz",
            ),
            (
                &[("SUPABASE_PUBLISHABLE_KEY", &old)],
                "SUPABASE_PUBLISHABLE_KEY has expired",
            ),
            (
                &[("SUPABASE_PUBLISHABLE_KEY", &secret)],
                "SUPABASE_PUBLISHABLE_KEY is a secret key",
            ),
            (
                &[("APP_URL", "http://api.example.com")],
                "APP_URL is http://api.example.com",
            ),
            (
                &[("APP_URL", "https://api.example.com/v1")],
                "APP_URL has the path /v1",
            ),
            (
                &[("APP_URL", "https://abcdefghijklmnopqrst.supabase.co")],
                "APP_URL is Supabase's address",
            ),
            (
                &[("SUPABASE_URL", "http://127.0.0.1:54321")],
                "SUPABASE_URL is on this machine",
            ),
            (
                &[(
                    "SUPABASE_URL",
                    "https://abcdefghijklmnopqrst.supabase.co/rest/v1",
                )],
                "SUPABASE_URL has the path",
            ),
            (
                &[("FRONTEND_URL", "http://app.example.com")],
                "FRONTEND_URL is http://",
            ),
            (
                &[("GOOGLE_CLIENT_ID", "client")],
                "GOOGLE_CLIENT_ID does not end with",
            ),
            (
                &[("REVID_API_KEY", "gemini")],
                "REVID_API_KEY and GEMINI_API_KEY are the same",
            ),
            (
                &[("GEMINI_API_KEY", "\"gemini\"")],
                "GEMINI_API_KEY has quotes",
            ),
            (
                &[("ENABLE_RATE_LIMITING", "perhaps")],
                "ENABLE_RATE_LIMITING must be true or false",
            ),
            (
                &[(
                    "DATABASE_URL",
                    "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
                )],
                "DATABASE_URL is that of the project zzzz",
            ),
            (
                &[(
                    "DATABASE_URL",
                    "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
                )],
                "transaction pooler",
            ),
            (
                &[(
                    "DATABASE_URL",
                    "postgresql://postgres.abcdefghijklmnopqrst@aws-1-us-east-1.pooler.supabase.com:5432/postgres",
                )],
                "the database is in us-east-1, outside",
            ),
        ];
        for (changes, expected) in cases {
            let found = changed(changes);
            let faults: Vec<_> = found.iter().filter(|finding| finding.is_fault()).collect();
            assert_eq!(faults.len(), 1, "{changes:?}: {found:#?}");
            let Finding::Fault { what, cure } = faults[0] else {
                unreachable!()
            };
            assert!(what.contains(expected), "{changes:?}: {what}");
            assert!(cure.len() > 10, "{changes:?}: {cure}");
        }
    }

    #[test]
    fn what_could_be_better_is_advice() {
        let legacy = jwt(
            &serde_json::json!({"role": "anon", "ref": "abcdefghijklmnopqrst", "exp": 4_000_000_000_i64}),
        );
        let many = (1..=3)
            .map(|id| {
                format!(
                    "k{id}:{}",
                    STANDARD.encode((id..id + 32).collect::<Vec<u8>>())
                )
            })
            .collect::<Vec<_>>()
            .join(",");
        let cases: &[(&[(&str, &str)], &str)] = &[
            (
                &[
                    ("SUPABASE_PUBLISHABLE_KEY", ""),
                    ("SUPABASE_ANON_KEY", &legacy),
                ],
                "SUPABASE_ANON_KEY is a legacy API key",
            ),
            (&[("FRONTEND_URL", "")], "FRONTEND_URL is not set"),
            (
                &[("ENABLE_RATE_LIMITING", "false")],
                "ENABLE_RATE_LIMITING is false",
            ),
            (
                &[("SUPABASE_SECRECT_KEY", "x")],
                "nothing reads SUPABASE_SECRECT_KEY",
            ),
            (
                &[("TOKEN_ENCRYPTION_KEYS", &many)],
                "TOKEN_ENCRYPTION_KEYS holds 3 keys",
            ),
            (
                &[("GOOGLE_CLIENT_SECRET", "old")],
                "GOOGLE_CLIENT_SECRET does not begin with",
            ),
            (
                &[("YOUTUBE_URL", "http://127.0.0.1:1")],
                "YOUTUBE_URL is set, but only read while mocking",
            ),
            (
                &[("SUPABASE_URL", "https://auth.example.com")],
                "the dashboard may not reach auth.example.com",
            ),
            (
                &[(
                    "DATABASE_URL",
                    "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-west-3.pooler.supabase.com:5432/postgres",
                )],
                "the database is in eu-west-3, the functions run in fra1",
            ),
        ];
        for (changes, expected) in cases {
            let found = changed(changes);
            assert!(
                !found.iter().any(Finding::is_fault),
                "{changes:?}: {found:#?}"
            );
            assert!(found.iter().any(|finding| matches!(finding, Finding::Advice { what, .. } if what.contains(expected))), "{changes:?}: {found:#?}");
        }
        let misspelt = changed(&[("SUPABASE_SECRECT_KEY", "x")]);
        assert!(
            misspelt.contains(&Finding::advice(
                "nothing reads SUPABASE_SECRECT_KEY",
                "was SUPABASE_SECRET_KEY meant?"
            )),
            "{misspelt:#?}"
        );
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let found = findings(&BTreeMap::new());
        for name in [
            "SUPABASE_URL",
            "SUPABASE_PUBLISHABLE_KEY",
            "SUPABASE_SECRET_KEY",
            "APP_URL",
            "CRON_SECRET",
            "TOKEN_ENCRYPTION_KEYS",
            "GOOGLE_CLIENT_ID",
            "GEMINI_API_KEY",
            "REVID_API_KEY",
        ] {
            let named = found.iter().filter(|finding| matches!(finding, Finding::Fault { what, .. } if what.starts_with(name))).count();
            assert_eq!(named, 1, "{name}: {found:#?}");
        }
    }

    #[test]
    fn no_finding_shows_a_secret() {
        let found = changed(&[
            ("SUPABASE_PUBLISHABLE_KEY", &sound()["SUPABASE_SECRET_KEY"]),
            ("REVID_API_KEY", &sound()["CRON_SECRET"]),
        ]);
        let said = format!("{found:?}");
        for name in [
            "SUPABASE_SECRET_KEY",
            "CRON_SECRET",
            "TOKEN_ENCRYPTION_KEYS",
            "GOOGLE_CLIENT_SECRET",
        ] {
            assert!(!said.contains(&sound()[name]), "{name}: {said}");
        }
    }
}
