//! One sound call of every operation, by somebody who has a channel and a script.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use futures_util::future::join_all;
use platform::endpoint::{Access, Declaration, Verb};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stack::api_client::{self, Client};
use stack::{Addresses, controls, http_client};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::answer::Answer;
use super::operation_requests::Subjects;

/// Consents that are prepared for a round: one for the calls under the fault, the others to see it pass.
const CONSENTS: usize = 3;
/// Longer than any deadline.
const PATIENCE: Duration = Duration::from_secs(330);

/// What is called, and as whom.
pub(super) struct Calls {
    addresses: Addresses,
    http: reqwest::Client,
    cron_secret: String,
    user: Client,
    subjects: Subjects,
    prepared: Mutex<Prepared>,
}

impl Calls {
    /// Signs somebody up who has all that the calls need.
    pub(super) async fn make(addresses: Addresses, cron_secret: String) -> Result<Self> {
        let user = Client::sign_up(&addresses).await?;
        let channel = connect(&addresses, &user).await?;
        let topic = "Why honey never spoils";
        let topic = json!({"channel_id": channel, "topic": topic, "target_seconds": 60});
        let written = user.post("/api/generate/script", topic).await?;
        let script = api_client::id(&written)?;
        let approval = json!({"decision": "approve", "content_hash": written["content_hash"]});
        user.patch(&format!("/api/content/{script}"), approval)
            .await?;
        let videos = user
            .get(&format!("/api/videos?channel_id={channel}"))
            .await?;
        let video = api_client::id(&videos["items"][0]).unwrap_or(Uuid::nil());
        // Each call on a connection of its own: one that a fault has broken must not fail another.
        let http = clients::tls::client_builder().timeout(PATIENCE);
        Ok(Self {
            addresses,
            http: http_client::build(http.pool_max_idle_per_host(0))?,
            cron_secret,
            user,
            subjects: Subjects {
                channel,
                script,
                video,
            },
            prepared: Mutex::default(),
        })
    }

    /// Prepares what a round uses up.
    pub(super) async fn prepare(&self) -> Result {
        *self.prepared.lock().await = Prepared::make(&self.addresses, &self.user).await?;
        Ok(())
    }

    /// Calls every operation at once.
    pub(super) async fn all(&self, declarations: &[&Declaration]) -> Vec<Answer> {
        join_all(
            declarations
                .iter()
                .map(|declaration| self.call(declaration)),
        )
        .await
    }

    /// Calls one operation by its name.
    pub(super) async fn probe(&self, id: &str) -> Result<Answer> {
        let Some(declaration) = catalyst::routes::declarations().find(|one| one.id == id) else {
            let missing = format!("there is no operation {id}");
            return Err(Error::setup(
                missing,
                "name the one that has taken its place",
            ));
        };
        Ok(self.call(declaration).await)
    }

    /// Operations that are called with made-up ids and an empty body, for want of something better here.
    pub(super) fn unprepared(&self, declarations: &[&Declaration]) -> Vec<&'static str> {
        let is_unprepared =
            |one: &&&Declaration| one.verb != Verb::Get && self.subjects.body(one.id).is_none();
        declarations
            .iter()
            .filter(is_unprepared)
            .map(|one| one.id)
            .collect()
    }

    async fn call(&self, declaration: &Declaration) -> Answer {
        Answer::of(self.request(declaration).await).await
    }

    async fn request(&self, declaration: &Declaration) -> RequestBuilder {
        let mut prepared = self.prepared.lock().await;
        let id = declaration.id;
        let leaving = match id {
            "deleteChannel" => prepared.channel.take(),
            _ => None,
        };
        let path = self.subjects.path(declaration, leaving);
        let url = format!("{}{path}{}", self.addresses.api, self.subjects.query(id));
        let method = declaration.verb.as_str().parse().unwrap_or(Method::GET);
        let mut request = self
            .http
            .request(method, url)
            .header("accept", "application/json");
        let token = match (declaration.access, id) {
            (Access::Public, _) => None,
            (Access::Cron, _) => Some(self.cron_secret.clone()),
            (_, "deleteMe") => prepared.leaving.take(),
            _ => Some(self.user.token().to_owned()),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if declaration.verb == Verb::Post || declaration.verb == Verb::Patch {
            let consent = match id {
                "finishConnection" => prepared.consents.pop(),
                _ => None,
            };
            let body = consent.or_else(|| self.subjects.body(id));
            request = request.json(&body.unwrap_or_else(|| json!({})));
        }
        request
    }
}

/// Prepared before each round, taken by its calls.
#[derive(Default)]
struct Prepared {
    /// Bodies that finish a consent.
    consents: Vec<Value>,
    /// The token of somebody to be erased, who has a channel.
    leaving: Option<String>,
    /// A channel to be disconnected.
    channel: Option<Uuid>,
}

impl Prepared {
    async fn make(addresses: &Addresses, user: &Client) -> Result<Self> {
        let mut consents = Vec::new();
        for _ in 0..CONSENTS {
            let callback = user.consent(&account(addresses).await?).await?;
            consents.push(user.brought(&callback).await?);
        }
        let channel = connect(addresses, user).await?;
        let leaving = Client::sign_up(addresses).await?;
        connect(addresses, &leaving).await?;
        Ok(Self {
            consents,
            leaving: Some(leaving.token().to_owned()),
            channel: Some(channel),
        })
    }
}

/// Connects a new channel as a user does.
async fn connect(addresses: &Addresses, user: &Client) -> Result<Uuid> {
    user.connect(&account(addresses).await?).await
}

/// A new account at Google with a channel.
async fn account(addresses: &Addresses) -> Result<String> {
    let account = format!("acct-{}", Uuid::new_v4().simple());
    let channel = json!({"generated": {"videos": 5, "seed": 7}});
    controls::create_account(&addresses.google, &account, channel).await?;
    Ok(account)
}
