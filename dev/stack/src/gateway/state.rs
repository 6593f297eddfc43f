//! What every part of the gateway shares.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use catalyst_cli::error::Result;
use sqlx::PgPool;

use super::{
    data_api::{DataApi, Settings},
    inbox::Inbox,
};
use crate::{clock::Clock, secrets::Secrets, signing_key::SigningKey};

/// The state of one gateway.
#[derive(Debug)]
pub struct Gateway {
    secrets: RwLock<Secrets>,
    folder: PathBuf,
    pub(super) url: String,
    pub(super) users: PgPool,
    pub(super) inbox: Inbox,
    pub(super) clock: Arc<Clock>,
    data_api: RwLock<Option<Arc<DataApi>>>,
}

impl Gateway {
    /// A gateway that will be reached at `url`. Its secrets are kept in `folder`, its users through a pool of the role
    /// `supabase_auth_admin`.
    pub fn new(
        secrets: Secrets,
        folder: PathBuf,
        url: String,
        users: PgPool,
        clock: Arc<Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            secrets: RwLock::new(secrets),
            folder,
            url,
            users,
            inbox: Inbox::default(),
            clock,
            data_api: RwLock::default(),
        })
    }

    /// Starts the Data API, or starts it anew on a database that was restored. It fetches its keys from the gateway, which
    /// must be served already.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or its schema not be read.
    pub async fn start_data_api(&self, database_port: u16, admin: &PgPool) -> Result {
        let settings = Settings {
            database_port,
            jwt_secret: self.secrets().jwt_secret,
            jwks_url: format!("{}/auth/v1/.well-known/jwks.json", self.url),
        };
        let api = DataApi::start(settings, admin).await?;
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

    /// Puts a fresh signing key in use and keeps the old ones trusted; its id.
    pub(super) fn rotate_keys(&self) -> Result<String> {
        let standby = SigningKey::generate()?;
        let keys = self.change_keys(|keys| {
            // The key standing by has been published all the time, so caches know it already.
            keys.swap(0, 1);
            keys.insert(1, standby);
        })?;
        Ok(keys[0].kid.clone())
    }

    /// Forgets every retired key: tokens signed with them are worth nothing once caches turn over.
    pub(super) fn revoke_retired_keys(&self) -> Result {
        self.change_keys(|keys| keys.truncate(2)).map(drop)
    }

    fn change_keys(&self, change: impl FnOnce(&mut Vec<SigningKey>)) -> Result<Vec<SigningKey>> {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut secrets.signing_keys);
        secrets.save(&self.folder)?;
        Ok(secrets.signing_keys.clone())
    }
}
