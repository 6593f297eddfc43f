//! What a run is to bring about, from flags, the environment and `.env`.

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

use super::refusal::{Service, stop};
use crate::Result;
use crate::http::is_private;

/// Names of the variables with the two tokens.
pub(super) const TOKENS: [&str; 2] = ["SUPABASE_ACCESS_TOKEN", "VERCEL_TOKEN"];

/// What is to be.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The name of the project at Supabase and at Vercel.
    pub(super) name: String,
    /// Supabase's organization, by slug or name.
    pub(super) organization: Option<String>,
    /// An existing Supabase project, by its reference.
    pub(super) reference: Option<String>,
    /// The region of a new Supabase project.
    pub(super) region: String,
    /// Vercel's team, by id, slug or name.
    pub(super) team: Option<String>,
    /// An address of the operator's own.
    pub(super) domain: Option<String>,
    /// Where things are when they are at neither's usual address.
    pub(super) app_url: Option<Url>,
    pub(super) supabase_url: Option<Url>,
    /// Whether projects of these names may be taken that hold something else.
    pub(super) use_existing: bool,
    pub(super) dry_run: bool,
    pub(super) build: bool,
    /// Variables that were given for the functions, under their own names.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) supabase_token: SecretString,
    pub(super) vercel_token: SecretString,
}

/// Refuses a name that one of the two would refuse later.
///
/// # Errors
///
/// When it is not 1 to 52 lower-case letters, digits and single hyphens: it is also the first part of a host name, and Vercel
/// adds to it.
pub(super) fn check_name(name: &str) -> Result {
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.len() <= 52 && name.split('-').all(is_word) {
        return Ok(());
    }
    Err(stop(
        format!("{name} cannot be the name of a project"),
        "give --name up to 52 lower-case letters and digits, with single hyphens between them",
    ))
}

/// An address of a flag: https, or on this machine.
///
/// # Errors
///
/// When it is another one.
pub(super) fn check_address(text: Option<&str>) -> Result<Option<Url>> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<Url>() {
        Ok(url) if is_private(&url) && url.path() == "/" => Ok(Some(url)),
        _ => Err(stop(
            format!("{text} is not the address of a server"),
            "give it as https://example.com, without a path",
        )),
    }
}

/// What says that tokens are missing, both at once.
///
/// # Errors
///
/// When one of them is.
pub(super) fn check_tokens(variables: &BTreeMap<String, String>) -> Result {
    let services = [Service::Supabase, Service::Vercel];
    let missing: Vec<String> = services
        .into_iter()
        .map(Service::token)
        .filter(|(name, _)| !variables.contains_key(*name))
        .map(|(name, place)| format!("{name} ({place})"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(stop(
        format!("not set: {}", missing.join(", ")),
        "make the tokens, and put them into the environment or .env; nothing was changed",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_must_be_good_for_a_host() {
        for good in ["content-catalyst", "a", "x1"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a--b", "A", "a_b", "a.b", &"a".repeat(53)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_https_or_of_this_machine() {
        let check = |text| check_address(Some(text)).is_ok();
        assert!(check("https://app.example.com") && check("http://127.0.0.1:9"));
        assert!(!check("http://app.example.com") && !check("https://app.example.com/path"));
    }
}
