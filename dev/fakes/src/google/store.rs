//! Accounts, what they granted to whom, and the tokens that came of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Knobs, after, settings, short_id};

/// The account that consents when a request names none.
pub(crate) const DEFAULT_ACCOUNT: &str = "creator";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Google {
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Registered clients; while there are none, every client id is accepted.
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) access: BTreeMap<String, AccessToken>,
    pub(crate) refresh: BTreeMap<String, RefreshToken>,
    pub(crate) knobs: Knobs,
    serial: u64,
    pub(crate) code_exchanges: u64,
    pub(crate) refreshes: u64,
    pub(crate) revocations: u64,
    pub(crate) refused_refreshes: u64,
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
    pub(crate) fn grants_scope(&self, scope: &str) -> bool {
        let is_same = |one: &String| one == scope || scope.ends_with(&format!("/{one}"));
        self.scopes_granted
            .as_ref()
            .is_none_or(|ticked| ticked.iter().any(is_same))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
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
    pub(crate) fn scope(&self) -> String {
        Vec::from_iter(self.scopes.iter().map(String::as_str)).join(" ")
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    #[serde(flatten)]
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    /// Method and challenge, with a colon between them.
    pub(crate) challenge: Option<String>,
    pub(crate) offline: bool,
    /// Whether the exchange gives a refresh token, as a first consent does.
    pub(crate) first: bool,
    pub(crate) expires_at: Timestamp,
    pub(crate) used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    #[serde(flatten)]
    pub(crate) grant: Grant,
    pub(crate) expires_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    #[serde(flatten)]
    pub(crate) grant: Grant,
    pub(crate) issued_at: Timestamp,
    pub(crate) dead: bool,
}

settings! {
    /// Settings; each may be set for all accounts or for one.
    Settings {
        /// Life of an access token.
        access_token_seconds: i64 = 3599,
        /// Life of a refresh token, as for projects in "Testing"; none without it.
        refresh_token_seconds: Option<i64> = None,
        /// Whether the redirect also carries `scope`.
        scope_in_redirect: bool = false,
        /// Whether a wrong or missing verifier is refused when the code came with a challenge.
        enforce_pkce: bool = true,
        /// Whether a refresh answers with a new refresh token too.
        rotate_refresh_token: bool = false,
        /// Whether `expires_in` is text, as some client libraries allow for.
        expires_in_as_text: bool = false,
    }
}

impl Google {
    pub(crate) fn settings(&self, account: &str) -> Settings {
        self.knobs.read(|key| key == account).unwrap_or_default()
    }

    /// What an access token stands for, if it still lives.
    pub(crate) fn grant(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        let access = self.access.get(token)?;
        (access.expires_at > now).then_some(&access.grant)
    }

    /// The account of an access token, alive or not.
    pub(crate) fn owner(&self, token: &str) -> Option<&str> {
        Some(&self.access.get(token)?.grant.account)
    }

    /// The account of a login hint. An e-mail address of nobody we know is the default account's; any other unknown name
    /// is nobody's.
    pub(crate) fn account_for(&self, hint: Option<&str>) -> Option<&str> {
        let known = |name: &str| Some(self.accounts.get_key_value(name)?.0.as_str());
        let hint = hint
            .filter(|hint| !hint.is_empty())
            .unwrap_or(DEFAULT_ACCOUNT);
        known(hint).or_else(|| {
            let (local, _) = hint.split_once('@')?;
            known(local).or_else(|| known(DEFAULT_ACCOUNT))
        })
    }

    /// A new code or token.
    pub(crate) fn secret(&mut self, seed: u64, kind: &str) -> String {
        self.serial += 1;
        let body = short_id(&[kind, &seed.to_string(), &self.serial.to_string()], 40);
        format!("{kind}.{body}")
    }

    pub(crate) fn issue_refresh(&mut self, seed: u64, grant: Grant, now: Timestamp) -> String {
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
pub(crate) fn expiry(now: Timestamp, seconds: i64) -> Timestamp {
    after(now, SignedDuration::from_secs(seconds))
}
