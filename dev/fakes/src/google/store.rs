//! Accounts, what they granted to whom, and the tokens that came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{clock::after, digest::short_id, knobs::Knobs};

/// The account that consents when a request names none.
pub(crate) const DEFAULT_ACCOUNT: &str = "creator";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Google {
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Registered clients; while there are none, every client id is accepted.
    pub(super) clients: BTreeMap<String, Client>,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) access: BTreeMap<String, AccessToken>,
    pub(super) refresh: BTreeMap<String, RefreshToken>,
    pub(super) knobs: Knobs,
    serial: u64,
    pub(super) code_exchanges: u64,
    pub(super) refreshes: u64,
    pub(super) revocations: u64,
    pub(super) refused_refreshes: u64,
}

/// A person at Google.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) channel: Option<String>,
    /// Whether this person refuses consent.
    pub(crate) refuses: bool,
    /// The scopes this person leaves ticked; all when absent.
    pub(crate) scopes_granted: Option<Vec<String>>,
    /// Granted scopes by client id.
    pub(crate) grants: BTreeMap<String, BTreeSet<String>>,
    pub(crate) refreshes: u64,
    pub(crate) code_exchanges: u64,
}

impl Account {
    /// Whether this person leaves a scope ticked.
    pub(super) fn grants_scope(&self, scope: &str) -> bool {
        let is_same = |one: &String| one == scope || scope.ends_with(&format!("/{one}"));
        self.scopes_granted
            .as_ref()
            .is_none_or(|ticked| ticked.iter().any(is_same))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) client_secret: Option<String>,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
}

/// Who allowed whom to do what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) account: String,
    pub(crate) client_id: String,
    pub(crate) scopes: BTreeSet<String>,
}

impl Grant {
    /// The scopes as one text.
    pub(super) fn scope(&self) -> String {
        self.scopes
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Code {
    #[serde(flatten)]
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    /// Method and challenge, with a colon between them.
    pub(super) challenge: Option<String>,
    pub(super) offline: bool,
    /// Whether the exchange gives a refresh token, as a first consent does.
    pub(super) first: bool,
    pub(super) expires_at: Timestamp,
    pub(super) used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AccessToken {
    #[serde(flatten)]
    pub(super) grant: Grant,
    pub(super) expires_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    #[serde(flatten)]
    pub(super) grant: Grant,
    pub(super) issued_at: Timestamp,
    pub(super) dead: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Settings {
    /// Life of an access token.
    pub(super) access_token_seconds: i64,
    /// Life of a refresh token, as for projects in "Testing"; none without it.
    pub(super) refresh_token_seconds: Option<i64>,
    /// Whether the redirect also carries `scope`.
    pub(super) scope_in_redirect: bool,
    /// Whether a wrong or missing verifier is refused when the code came with a challenge.
    pub(super) enforce_pkce: bool,
    /// Whether a refresh answers with a new refresh token too.
    pub(super) rotate_refresh_token: bool,
    /// Whether `expires_in` is text, as some client libraries allow for.
    pub(super) expires_in_as_text: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_token_seconds: 3599,
            refresh_token_seconds: None,
            scope_in_redirect: false,
            enforce_pkce: true,
            rotate_refresh_token: false,
            expires_in_as_text: false,
        }
    }
}

impl Google {
    pub(super) fn settings(&self, account: &str) -> Settings {
        self.knobs.read(|key| key == account).unwrap_or_default()
    }

    /// What an access token stands for, if it still lives.
    pub(crate) fn grant(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        let access = self
            .access
            .get(token)
            .filter(|access| access.expires_at > now)?;
        Some(&access.grant)
    }

    /// The account of an access token, alive or not.
    pub(crate) fn owner(&self, token: &str) -> Option<&str> {
        Some(&self.access.get(token)?.grant.account)
    }

    /// The account of a login hint. An e-mail address of nobody we know is the default account's; any other unknown name
    /// is nobody's.
    pub(super) fn account_for(&self, hint: Option<&str>) -> Option<&str> {
        let known = |name: &str| {
            self.accounts
                .get_key_value(name)
                .map(|(name, _)| name.as_str())
        };
        let hint = hint
            .filter(|hint| !hint.is_empty())
            .unwrap_or(DEFAULT_ACCOUNT);
        known(hint).or_else(|| {
            let (local, _) = hint.split_once('@')?;
            known(local).or_else(|| known(DEFAULT_ACCOUNT))
        })
    }

    /// A new code or token.
    pub(super) fn secret(&mut self, seed: u64, kind: &str) -> String {
        self.serial += 1;
        let body = short_id(&[kind, &seed.to_string(), &self.serial.to_string()], 40);
        format!("{kind}.{body}")
    }

    pub(super) fn issue_access(
        &mut self,
        seed: u64,
        grant: Grant,
        expires_at: Timestamp,
    ) -> String {
        let token = self.secret(seed, "fake-access");
        self.access
            .insert(token.clone(), AccessToken { grant, expires_at });
        token
    }

    pub(super) fn issue_refresh(&mut self, seed: u64, grant: Grant, now: Timestamp) -> String {
        let token = self.secret(seed, "fake-refresh");
        let refresh = RefreshToken {
            grant,
            issued_at: now,
            dead: false,
        };
        self.refresh.insert(token.clone(), refresh);
        token
    }

    pub(crate) fn revoke_account(&mut self, account: &str) {
        let tokens = self.refresh.values_mut();
        for refresh in tokens.filter(|refresh| refresh.grant.account == account) {
            refresh.dead = true;
        }
        self.access
            .retain(|_, access| access.grant.account != account);
        if let Some(account) = self.accounts.get_mut(account) {
            account.grants.clear();
        }
    }
}

/// The end of a life of so many seconds.
pub(super) fn expiry(now: Timestamp, seconds: i64) -> Timestamp {
    after(now, SignedDuration::from_secs(seconds))
}
