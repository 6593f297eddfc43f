//! The variables of a deployment, as its functions would read them.

use std::collections::{BTreeMap, BTreeSet};

use platform::config::{Config, all_names};

use crate::{doctor::finding::Finding, http::is_loopback};

/// Variables that can be worked with: those that cannot be read were reported and replaced.
#[derive(Debug)]
pub(in crate::doctor) struct Variables<'a> {
    pub(in crate::doctor) config: Config,
    /// As they are set.
    pub(super) all: &'a BTreeMap<String, String>,
    /// What was reported already; nothing can be asked with it.
    unreadable: BTreeSet<&'static str>,
}

impl<'a> Variables<'a> {
    /// Reads the configuration, naming every variable that is missing or malformed, not only the first.
    pub(in crate::doctor) fn read(
        all: &'a BTreeMap<String, String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let mut usable = all.clone();
        let mut unreadable = BTreeSet::new();
        loop {
            let error = match Config::read(&|name| usable.get(name).cloned()) {
                Ok(config) => {
                    if unreadable.is_empty() {
                        findings.push(Finding::fine("every variable that is set can be read"));
                    }
                    return Some(Self {
                        config,
                        all,
                        unreadable,
                    });
                }
                Err(error) => error,
            };
            let name = error.variable;
            findings.push(Finding::fault(
                format!("{name} {}", error.problem),
                cure(name),
            ));
            if !unreadable.insert(name) {
                // Nothing that could stand in for it is known: what comes after cannot be looked at.
                return None;
            }
            replace(&mut usable, name);
        }
    }

    /// A variable as it is set.
    pub(in crate::doctor) fn text(&self, name: &str) -> Option<&str> {
        let values = all_names(name).filter_map(|name| self.all.get(name));
        values
            .map(|value| value.trim())
            .find(|value| !value.is_empty())
    }

    /// A variable as it is set, unless it was reported as unreadable.
    pub(super) fn readable(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|_| self.can_read(&[name]))
    }

    /// Whether these could all be read.
    pub(in crate::doctor) fn can_read(&self, names: &[&str]) -> bool {
        names.iter().all(|name| !self.unreadable.contains(name))
    }

    /// Whether this is the local stack, where some things are otherwise.
    pub(in crate::doctor) fn is_local(&self) -> bool {
        is_loopback(&self.config.app.url)
    }

    /// The project of a hosted database: `<ref>` of `https://<ref>.supabase.co`.
    pub(super) fn supabase_project(&self) -> Option<&str> {
        let host = self.config.supabase.url.host_str()?;
        host.strip_suffix(".supabase.co")
    }
}

/// Puts something readable in place of a variable that is not.
fn replace(usable: &mut BTreeMap<String, String>, variable: &str) {
    let stand_in = match variable {
        "SUPABASE_URL" | "APP_URL" => "https://not-set.invalid",
        "SUPABASE_PUBLISHABLE_KEY" | "SUPABASE_SECRET_KEY" | "GOOGLE_CLIENT_SECRET" => "not-set",
        name if name.ends_with("_URL") && !usable.contains_key(name) => "http://127.0.0.1:9",
        name => {
            usable.remove(name);
            return;
        }
    };
    usable.insert(variable.to_owned(), stand_in.to_owned());
}

fn cure(variable: &str) -> String {
    let cure = match variable {
        "SUPABASE_URL" => {
            "copy it from the project's settings, Data API: https://<ref>.supabase.co"
        }
        "SUPABASE_PUBLISHABLE_KEY" | "SUPABASE_SECRET_KEY" => {
            "copy it from the project's settings, API keys"
        }
        "APP_URL" => {
            "the address at which Vercel serves this deployment, like https://app.example.com"
        }
        "CRON_SECRET" => "make one: `openssl rand -hex 32`",
        "TOKEN_ENCRYPTION_KEYS" => "make one: `echo k1:$(openssl rand -base64 32)`",
        "GOOGLE_CLIENT_SECRET" => {
            "copy it from the OAuth client at Google, or make a new one there"
        }
        other => return format!("see {other} in .env.example"),
    };
    cure.to_owned()
}
