//! Origins whose pages may call this API.

use url::{Host, Url};

use super::vars::{ConfigError, Vars};

/// Where anybody may publish a page under a name of their own choice.
const SHARED: [&str; 8] = [
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "github.io",
    "web.app",
    "onrender.com",
    "herokuapp.com",
];

/// An origin, in which `*` stands for letters, digits and hyphens: `https://app-*-team.vercel.app`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern(String);

impl OriginPattern {
    /// Whether an origin, as browsers send it, is meant.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        fits(self.0.as_bytes(), origin.as_bytes())
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        // What a star stands for makes no difference to what a URL is.
        let url = Url::parse(&text.replace('*', "x")).map_err(|_| "is no origin")?;
        let host = text.split("://").nth(1).unwrap_or_default();
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.origin().ascii_serialization() == text.replace('*', "x");
        if !is_origin {
            return Err("must be scheme, host and port in small letters, without a path");
        }
        if !matches!(url.host(), Some(Host::Domain(_))) && text.contains('*') {
            return Err("must not have a star in an address of numbers");
        }
        let rest = host.split_once('.').map(|(_, rest)| rest);
        if text.contains('*') && rest.is_none_or(|rest| rest.contains('*')) {
            return Err("may have a star only in the first name of the host");
        }
        if host.starts_with("*.") && rest.is_some_and(|rest| SHARED.contains(&rest)) {
            return Err(
                "would allow everybody's pages: name the project in it, as in https://app-*-team.vercel.app",
            );
        }
        Ok(Self(text.to_owned()))
    }
}

/// `CORS_ORIGINS`: origins besides the front end's, between commas or spaces.
pub(super) fn read(vars: &Vars<'_>) -> Result<Vec<OriginPattern>, ConfigError> {
    let name = "CORS_ORIGINS";
    let text = vars.text(name).unwrap_or_default();
    let origins = text
        .split([',', ' '])
        .map(str::trim)
        .filter(|origin| !origin.is_empty());
    origins
        .map(|origin| {
            let refused = |why| ConfigError::new(name, format!("has {origin}, which {why}"));
            OriginPattern::read(origin).map_err(refused)
        })
        .collect()
}

/// Each star stands for at least one letter, digit or hyphen.
fn fits(pattern: &[u8], origin: &[u8]) -> bool {
    match pattern.split_first() {
        None => origin.is_empty(),
        Some((b'*', rest)) => {
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
            let most = origin.iter().take_while(|byte| is_name(byte)).count();
            (1..=most).any(|length| fits(rest, &origin[length..]))
        }
        Some((byte, rest)) => origin.first() == Some(byte) && fits(rest, &origin[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_of_one_name() {
        let pattern = OriginPattern::read("https://app-*-team.vercel.app").expect("a pattern");
        for origin in [
            "https://app-git-main-team.vercel.app",
            "https://app-1-team.vercel.app",
        ] {
            assert!(pattern.allows(origin), "{origin}");
        }
        for origin in [
            "https://app--team.vercel.app.evil.com",
            "https://app-team.vercel.app",
            "https://app-a.b-team.vercel.app",
            "https://evil.com/app-x-team.vercel.app",
            "http://app-x-team.vercel.app",
            "https://app-x-team.vercel.app:8443",
            "null",
            "",
        ] {
            assert!(!pattern.allows(origin), "{origin}");
        }
        let port = OriginPattern::read("http://localhost:5173").expect("an origin");
        assert!(port.allows("http://localhost:5173") && !port.allows("http://localhost:51730"));
    }

    #[test]
    fn what_would_allow_too_much_is_refused() {
        for text in [
            "*",
            "https://*",
            "https://*.vercel.app",
            "https://app.*.com",
            "https://app.example.*",
            "https://app.example.com/",
            "https://APP.example.com",
            "app.example.com",
            "ftp://app.example.com",
        ] {
            assert!(OriginPattern::read(text).is_err(), "{text}");
        }
        assert!(OriginPattern::read("https://*.example.com").is_ok());
    }
}
