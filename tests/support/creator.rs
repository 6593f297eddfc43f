//! A user whose channels are connected and synchronised through the API.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::{Account, Answer, PATIENCE, Stack, User, until};

/// A user and the stack they live on.
pub(crate) struct Creator {
    pub(crate) stack: Arc<Stack>,
    pub(crate) user: User,
}

impl Creator {
    pub(crate) async fn new() -> Self {
        let stack = Stack::from_env();
        let user = stack.sign_up().await;
        Self { stack, user }
    }

    /// Connects a new account with so many videos, and waits until they are synchronised.
    pub(crate) async fn connect_and_sync(&self, videos: usize) -> Account {
        let account = self.user.connect_channel(videos).await;
        self.synced(account.channel(), &["idle"]).await;
        account
    }

    /// Waits for a state of the synchronisation.
    pub(crate) async fn synced(&self, channel: Uuid, states: &[&str]) -> Answer {
        let path = format!("/api/channels/{channel}");
        self.user
            .api
            .until_field(&self.stack, &path, "/sync/state", states)
            .await
    }

    /// Asks for a synchronisation.
    pub(crate) async fn request_sync(&self, channel: Uuid) -> Answer {
        let path = format!("/api/channels/{channel}/sync");
        self.user.api.post(&path, &json!({})).await
    }

    /// Asks for a synchronisation and waits for its end.
    pub(crate) async fn sync(&self, channel: Uuid) -> Answer {
        let finished = format!(
            "select coalesce((extract(epoch from refresh_at) * 1e6)::bigint, 0) from private.channel_syncs
             where channel_id = '{channel}' and phase = 'idle'"
        );
        let before = self.stack.count(&finished);
        self.request_sync(channel).await.status(202);
        until("the next synchronisation", PATIENCE, async || {
            self.stack.dispatch().await;
            let after = self.stack.count(&finished);
            if after > before {
                Ok(())
            } else {
                Err(format!("{after} after {before}"))
            }
        })
        .await;
        self.synced(channel, &["idle"]).await
    }

    /// Every table of the database in which one of these stands.
    pub(crate) fn mentions(&self, ids: &[String]) -> String {
        self.stack.sql(&format!(
            "{} select * from pg_temp.mentions('{}')",
            include_str!("../../supabase/tests/mentions.seed"),
            ids.join("|")
        ))
    }

    /// Waits until none of these stands anywhere in the database.
    pub(crate) async fn until_unmentioned(&self, ids: &[String]) {
        until("the end of every mention", 2 * PATIENCE, async || {
            self.stack.dispatch().await;
            let left = self.mentions(ids);
            if left.is_empty() { Ok(()) } else { Err(left) }
        })
        .await;
    }
}
