//! Environment variables as typed values.

use secrecy::SecretString;
use url::Url;

use super::names::{all_names, two_values};

/// Names the variable and the cure.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    /// Name of the environment variable.
    pub variable: &'static str,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl ConfigError {
    pub(super) fn new(variable: &'static str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { variable, problem }
    }
}

pub(super) struct Vars<'a> {
    pub(super) get: &'a dyn Fn(&str) -> Option<String>,
    /// `ENABLE_API_MOCKING`.
    pub(super) mocking: bool,
}

impl<'a> Vars<'a> {
    pub(super) fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let vars = Self {
            get,
            mocking: false,
        };
        if let Some(twice) = two_values(|name| vars.value(name)) {
            return Err(ConfigError::new(twice.own, twice.problem()));
        }
        let mocking = vars.flag("ENABLE_API_MOCKING", false)?;
        Ok(Self { mocking, ..vars })
    }

    /// The variable, under whichever of its names it stands.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        all_names(name).find_map(|name| self.value(name))
    }

    /// An empty variable is a variable that is not set.
    fn value(&self, name: &str) -> Option<String> {
        let text = (self.get)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    pub(super) fn either(&self, name: &'static str, legacy: &str) -> Result<String, ConfigError> {
        let value = self.text(name).or_else(|| self.text(legacy));
        let problem = "copy one from the project's API keys";
        value.ok_or_else(|| {
            ConfigError::new(
                name,
                format!("is not set, and neither is {legacy}; {problem}"),
            )
        })
    }

    pub(super) fn url(&self, name: &'static str) -> Result<Option<Url>, ConfigError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(url)),
            _ => Err(ConfigError::new(name, "is not an http or https URL")),
        }
    }

    pub(super) fn required_url(&self, name: &'static str, what: &str) -> Result<Url, ConfigError> {
        self.url(name)?
            .ok_or_else(|| ConfigError::new(name, format!("is not set; give {what}")))
    }

    /// A service's real address, or the stand-in's while mocking.
    pub(super) fn service(&self, name: &'static str, real: &str) -> Result<Url, ConfigError> {
        if !self.mocking {
            return Ok(Url::parse(real).expect("the built-in address parses"));
        }
        let problem = "is not set although ENABLE_API_MOCKING=true; give the stand-in's address";
        self.url(name)?
            .ok_or_else(|| ConfigError::new(name, problem))
    }

    pub(super) fn flag(&self, name: &'static str, default: bool) -> Result<bool, ConfigError> {
        match self.text(name).as_deref() {
            None => Ok(default),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(ConfigError::new(name, "must be true or false")),
        }
    }

    pub(super) fn number(&self, name: &'static str, default: u32) -> Result<u32, ConfigError> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| ConfigError::new(name, "must be a whole number"))
    }
}
