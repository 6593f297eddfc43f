//! What every part of the gateway shares.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use catalyst_cli::error::{Error, Result};
use catalyst_cli::postgres::cluster;
use data_api::DataApi;
use postrust_auth::JwtKeys;
use serde::Serialize;
use sqlx::PgPool;

use super::auth::Programs;
use super::key_set::key_set;
use crate::clock::Clock;
use crate::secrets::{Secrets, SigningKey};

/// The state of one gateway.
#[derive(Debug)]
pub struct Gateway {
    secrets: RwLock<Secrets>,
    /// What the Data API trusts.
    keys: JwtKeys,
    /// The keys as a cache before the auth service has them; none while it has the newest.
    cached_keys: RwLock<Option<Vec<SigningKey>>>,
    pub(super) folder: PathBuf,
    pub(super) url: String,
    /// Where the front end is, with the page on which users consent to programs.
    pub(super) site: String,
    pub(super) users: PgPool,
    /// A pool of the role `supabase_storage_admin`.
    pub(super) storage: PgPool,
    inbox: Mutex<Vec<Mail>>,
    programs: Mutex<Programs>,
    pub(super) clock: Arc<Clock>,
    data_api: RwLock<Option<Arc<DataApi>>>,
}

/// A mail that a hosted project would send.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Mail {
    pub(super) to: String,
    pub(super) subject: String,
    /// The link to follow.
    pub(super) link: String,
    /// The six digits to type instead.
    pub(super) otp: String,
    /// When it was sent, RFC 3339.
    pub(super) sent_at: String,
}

impl Gateway {
    /// A gateway that will be reached at `url`, of the front end at `site`. Its secrets and stored files are kept in `folder`, its users and what is told
    /// about files through pools of the roles `supabase_auth_admin` and `supabase_storage_admin`.
    ///
    /// # Errors
    ///
    /// When the keys of its secrets cannot be used.
    pub fn new(
        secrets: Secrets,
        folder: PathBuf,
        [url, site]: [String; 2],
        users: PgPool,
        storage: PgPool,
        clock: Arc<Clock>,
    ) -> Result<Arc<Self>> {
        Ok(Arc::new(Self {
            keys: JwtKeys::new(key_set(&secrets)?),
            cached_keys: RwLock::default(),
            secrets: RwLock::new(secrets),
            folder,
            url,
            site,
            users,
            storage,
            inbox: Mutex::default(),
            programs: Mutex::default(),
            clock,
            data_api: RwLock::default(),
        }))
    }

    /// Starts the Data API, or starts it anew on a database that was restored.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or its schema not be read.
    pub async fn start_data_api(&self, database_port: u16, admin: &PgPool) -> Result {
        let login = cluster::login(database_port, "authenticator");
        let api = DataApi::start(login, admin, self.keys.clone()).await;
        let api = api.map_err(|error| {
            Error::setup(
                error.to_string(),
                "see the log of Postgres in .catalyst/logs",
            )
        })?;
        self.set_data_api(Some(Arc::new(api)));
        Ok(())
    }

    /// Ends the Data API, before its database ends.
    pub fn stop_data_api(&self) {
        self.set_data_api(None);
    }

    fn set_data_api(&self, api: Option<Arc<DataApi>>) {
        *self
            .data_api
            .write()
            .unwrap_or_else(PoisonError::into_inner) = api;
    }

    pub(super) fn data_api(&self) -> Option<Arc<DataApi>> {
        self.data_api
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn secrets(&self) -> Secrets {
        self.secrets
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The mails of this run, newest last.
    pub(super) fn inbox(&self) -> impl std::ops::DerefMut<Target = Vec<Mail>> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The programs of this run, and what users have consented to.
    pub(super) fn programs(&self) -> impl std::ops::DerefMut<Target = Programs> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a fresh signing key in use and keeps the old ones trusted; its id.
    pub(super) fn rotate_keys(&self) -> Result<String> {
        let standby = SigningKey::generate()?;
        self.change_keys(|keys| {
            // The key standing by has been published all the time, so caches know it already.
            keys.swap(0, 1);
            keys.insert(1, standby);
        })
    }

    /// Forgets every retired key: tokens signed with them are worth nothing once caches turn over.
    pub(super) fn revoke_retired_keys(&self) -> Result {
        self.change_keys(|keys| keys.truncate(2)).map(drop)
    }

    /// The keys that everybody can see.
    pub(super) fn published_keys(&self) -> Vec<SigningKey> {
        let cached = self.cached_keys.read();
        let cached = cached.unwrap_or_else(PoisonError::into_inner);
        let newest = || self.secrets().signing_keys;
        cached.clone().unwrap_or_else(newest)
    }

    /// Whether the published keys stay what they are now, as in a cache, or are always the newest.
    pub(super) fn let_published_keys_lag(&self, lag: bool) {
        let keys = lag.then(|| self.published_keys());
        let cached = self.cached_keys.write();
        *cached.unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Changes the signing keys; the id of the one in use.
    fn change_keys(&self, change: impl FnOnce(&mut Vec<SigningKey>)) -> Result<String> {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut secrets.signing_keys);
        secrets.save(&self.folder)?;
        self.keys.replace(key_set(&secrets)?);
        Ok(secrets.signing_keys[0].kid.clone())
    }
}
