//! One person who spends what there is, is erased, and comes back under the same address.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use futures_util::future::try_join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use stack::api_client::{self, Client};
use stack::{Addresses, controls, http_client};
use uuid::Uuid;

use crate::patience::until;

/// Scripts of one life, and how often a render of each is asked for at once: so often anew, and so often under one key.
const SCRIPTS: usize = 3;
const ANEW: usize = 3;
const REPEATED: usize = 2;

/// What spenders asked for, and what came of it.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) scripts: usize,
    pub(super) scripts_refused: usize,
    pub(super) renders: usize,
    pub(super) renders_accepted: usize,
}

impl Asked {
    pub(super) fn and(self, other: &Self) -> Self {
        Self {
            scripts: self.scripts + other.scripts,
            scripts_refused: self.scripts_refused + other.scripts_refused,
            renders: self.renders + other.renders,
            renders_accepted: self.renders_accepted + other.renders_accepted,
        }
    }
}

/// Spends in two lives what it can.
pub(super) async fn spend(addresses: &Addresses, number: usize) -> Result<Asked> {
    let account = format!("spender-{number}");
    let channel = json!({"generated": {"videos": 12, "seed": number}});
    controls::create_account(&addresses.google, &account, channel).await?;
    let mut asked = Asked::default();
    // The second address is the same mailbox, and there as soon as the first is being erased.
    for suffix in [
        "",
        if number.is_multiple_of(2) {
            ""
        } else {
            "+again"
        },
    ] {
        let spender =
            Spender::sign_up(addresses, &format!("{account}{suffix}@example.org")).await?;
        let channel = spender.connect(&account).await?;
        for _ in 0..SCRIPTS {
            spender.spend(channel, &mut asked).await?;
        }
        // Some go at once, while their renders run, others somewhat later.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..1_500))).await;
        spender.user.delete("/api/me").await?;
    }
    Ok(asked)
}

struct Spender {
    user: Client,
    http: reqwest::Client,
    api: String,
}

impl Spender {
    /// Waits until nobody has the address any more.
    async fn sign_up(addresses: &Addresses, email: &str) -> Result<Self> {
        let mut user = None;
        patiently("the address is free again", async || {
            user = Client::sign_up_with(addresses, email).await.ok();
            Ok(user.is_some())
        })
        .await?;
        let nobody = || Error::setup("nobody signed up", "this is a fault of the rig");
        Ok(Self {
            user: user.ok_or_else(nobody)?,
            http: http_client::with_timeout(Duration::from_secs(60))?,
            api: addresses.api.clone(),
        })
    }

    /// Waits until the channel's first life is over.
    async fn connect(&self, account: &str) -> Result<Uuid> {
        let mut channel = None;
        patiently("the channel is connected", async || {
            channel = self.user.connect(account).await.ok();
            Ok(channel.is_some())
        })
        .await?;
        Ok(channel.unwrap_or_default())
    }

    /// Has a script written and asks for its render several times at once.
    async fn spend(&self, channel: Uuid, asked: &mut Asked) -> Result {
        asked.scripts += 1;
        let Some(script) = self.approved_script(channel).await? else {
            asked.scripts_refused += 1;
            return Ok(());
        };
        let body = json!({"content_id": script});
        let repeated = Uuid::new_v4();
        let keys = (0..ANEW).map(|_| Uuid::new_v4());
        let keys = keys.chain([repeated; REPEATED]);
        let renders = keys.map(|key| self.ask("/api/video/render", &body, key));
        let renders = try_join_all(renders).await?;
        asked.renders += renders.len();
        asked.renders_accepted += renders.iter().flatten().count();
        Ok(())
    }

    async fn approved_script(&self, channel: Uuid) -> Result<Option<Uuid>> {
        let topic =
            json!({"channel_id": channel, "topic": "Why honey never spoils", "target_seconds": 60});
        let written = self.ask("/api/generate/script", &topic, Uuid::new_v4());
        let Some(written) = written.await? else {
            return Ok(None);
        };
        let script = api_client::id(&written)?;
        let approval = json!({"decision": "approve", "content_hash": written["content_hash"]});
        let path = format!("/api/content/{script}");
        self.user.patch(&path, approval).await?;
        Ok(Some(script))
    }

    /// Asks for what costs money: the answer, or nothing where it is refused, or where its price cannot be had.
    async fn ask(&self, path: &str, body: &Value, key: Uuid) -> Result<Option<Value>> {
        let url = format!("{}{path}", self.api);
        let request = self.http.post(url).bearer_auth(self.user.token());
        let request = request
            .header("idempotency-key", key.to_string())
            .json(body);
        let failed =
            |error: reqwest::Error| Error::setup(error.to_string(), "see the stack's logs");
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.text().await.map_err(failed)?;
        match status {
            _ if status.is_success() => Ok(serde_json::from_str(&text).ok()),
            StatusCode::PAYMENT_REQUIRED
            | StatusCode::CONFLICT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE => Ok(None),
            _ => Err(Error::setup(format!("{path} answered with {status}"), text)),
        }
    }
}

async fn patiently(what: &str, is_so: impl AsyncFnMut() -> Result<bool>) -> Result {
    let (patience, every) = (Duration::from_secs(60), Duration::from_millis(200));
    until(what, patience, every, is_so).await
}
