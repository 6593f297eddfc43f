//! One sound call of every operation, by somebody who has a channel and a script.

use std::time::Duration;

use catalyst_cli::error::{Error, Result};
use futures_util::future::join_all;
use platform::endpoint::{Access, Declaration, Verb};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use stack::api_client::{self, Client};
use stack::{Addresses, http_client};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::answer::Answer;
use super::operation_requests::Subjects;
use super::prepared::{Prepared, connect};

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
        let topic =
            json!({"channel_id": channel, "topic": "Why honey never spoils", "target_seconds": 60});
        let script = user.post("/api/generate/script", topic).await?;
        let id = api_client::id(&script)?;
        let approval = json!({"decision": "approve", "content_hash": script["content_hash"]});
        user.patch(&format!("/api/content/{id}"), approval).await?;
        let videos = user
            .get(&format!("/api/videos?channel_id={channel}"))
            .await?;
        let video = api_client::id(&videos["items"][0]).unwrap_or(Uuid::nil());
        // Each call on a connection of its own: one that a fault has broken must not fail another.
        let http = clients::tls::client_builder()
            .timeout(PATIENCE)
            .pool_max_idle_per_host(0);
        Ok(Self {
            addresses,
            http: http_client::build(http)?,
            cron_secret,
            user,
            subjects: Subjects {
                channel,
                script: id,
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
        let declaration = catalyst::routes::declarations().find(|declaration| declaration.id == id);
        match declaration {
            Some(declaration) => Ok(self.call(declaration).await),
            None => Err(Error::setup(
                format!("there is no operation {id}"),
                "name the one that has taken its place",
            )),
        }
    }

    /// Operations that are called with made-up ids and an empty body, for want of something better here.
    pub(super) fn unprepared(&self, declarations: &[&Declaration]) -> Vec<&'static str> {
        declarations
            .iter()
            .filter(|declaration| {
                declaration.verb != Verb::Get && self.subjects.body(declaration.id).is_none()
            })
            .map(|declaration| declaration.id)
            .collect()
    }

    async fn call(&self, declaration: &Declaration) -> Answer {
        Answer::of(self.request(declaration).await).await
    }

    async fn request(&self, declaration: &Declaration) -> RequestBuilder {
        let mut prepared = self.prepared.lock().await;
        let id = declaration.id;
        let leaving = (id == "channels.disconnect")
            .then(|| prepared.channel.take())
            .flatten();
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
            (_, "me.erase") => prepared.leaving.take(),
            _ => Some(self.user.token().to_owned()),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if declaration.verb == Verb::Post || declaration.verb == Verb::Patch {
            let consent = (id == "channels.connect.finish")
                .then(|| prepared.consents.pop())
                .flatten();
            let body = consent.or_else(|| self.subjects.body(id));
            request = request.json(&body.unwrap_or_else(|| json!({})));
        }
        request
    }
}
