//! One sound call of every operation, by somebody who has a channel and a script.

use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use futures_util::future::join_all;
use platform::endpoint::{Access, Declaration, Verb};
use reqwest::Method;
use serde_json::{Value, json};
use stack::demo::DemoError;
use stack::demo::client::{Addresses, Client, control, http};
use tokio::sync::Mutex;
use uuid::Uuid;

/// Longer than any deadline.
const WAIT: Duration = Duration::from_secs(330);
/// Callbacks that are made ready for a round: one for the storm, the others to see it pass.
const CALLBACKS: usize = 3;

/// An answer, or the lack of one.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) content_type: String,
    /// What was said; without an answer, why there is none.
    pub(super) body: String,
    /// Whether the platform spoke in the function's place.
    pub(super) platform: bool,
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_str(&self.body).ok()?;
        Some(problem["code"].as_str()?.to_owned())
    }
}

/// What is called, and as whom.
pub(super) struct Calls {
    addresses: Addresses,
    http: reqwest::Client,
    cron_secret: String,
    user: Client,
    channel: String,
    script: String,
    video: String,
    ready: Mutex<Ready>,
}

/// What a round uses up.
#[derive(Default)]
struct Ready {
    /// Addresses that Google's consent page leads back to.
    callbacks: Vec<String>,
    /// Somebody to be erased, and a channel of theirs.
    leaving: Option<String>,
    /// A channel to be disconnected.
    channel: Option<String>,
}

fn failed(error: &DemoError) -> Error {
    Error::setup(error.to_string(), "see the logs under outages/logs")
}

impl Calls {
    /// Signs somebody up who has all that the calls need.
    pub(super) async fn make(addresses: Addresses, cron_secret: String) -> Result<Self> {
        let user = sign_up(&addresses).await?;
        let channel = connect(&addresses, &user).await?;
        let script = user
            .post(
                "/api/generate/script",
                json!({"channel_id": channel, "topic": "Why honey never spoils", "target_seconds": 60}),
            )
            .await
            .map_err(|error| failed(&error))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        user.patch(
            &format!("/api/content/{}", text(&script["id"])),
            json!({"decision": "approve", "content_hash": script["content_hash"]}),
        )
        .await
        .map_err(|error| failed(&error))?;
        let videos = user
            .get(&format!("/api/videos?channel_id={channel}"))
            .await
            .map_err(|error| failed(&error))?;
        Ok(Self {
            http: clients::tls::client_builder()
                .timeout(WAIT)
                .pool_max_idle_per_host(0)
                .build()
                .map_err(|error| {
                    Error::setup(
                        format!("no HTTP client: {error}"),
                        "this is a fault of the tool",
                    )
                })?,
            cron_secret,
            script: text(&script["id"]),
            video: videos["items"]
                .get(0)
                .map_or_else(|| Uuid::nil().to_string(), |video| text(&video["id"])),
            user,
            channel,
            addresses,
            ready: Mutex::default(),
        })
    }

    /// Makes ready what a round uses up.
    pub(super) async fn prepare(&self) -> Result {
        let mut ready = Ready::default();
        for _ in 0..CALLBACKS {
            let back = consent(&self.addresses, &self.user)
                .await
                .map_err(|error| failed(&error))?;
            ready.callbacks.push(back);
        }
        ready.channel = Some(connect(&self.addresses, &self.user).await?);
        let leaving = sign_up(&self.addresses).await?;
        connect(&self.addresses, &leaving).await?;
        ready.leaving = Some(leaving.token().to_owned());
        *self.ready.lock().await = ready;
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
                declaration.verb != Verb::Get && self.body(declaration.id).is_none()
            })
            .map(|declaration| declaration.id)
            .collect()
    }

    async fn call(&self, declaration: &Declaration) -> Answer {
        let base = &self.addresses.api;
        let mut url = match declaration.id {
            "channels.callback" => match self.ready.lock().await.callbacks.pop() {
                Some(callback) => callback,
                None => format!("{base}{}", declaration.path),
            },
            _ => format!("{base}{}", self.path(declaration).await),
        };
        let query = match declaration.id {
            "content.list" | "videos.list" | "video.list" | "schedule.list" => {
                format!("?channel_id={}", self.channel)
            }
            "schedule.slots" => format!("?channel_id={}&count=3", self.channel),
            "schedule.calendar" => format!("?secret={}", "0".repeat(43)),
            "webhooks.revid" => format!("?render={}&token={}", Uuid::nil(), "0".repeat(43)),
            _ => String::new(),
        };
        url.push_str(&query);
        let method = declaration.verb.as_str().parse().unwrap_or(Method::GET);
        let mut request = self
            .http
            .request(method, url)
            .header("accept", "application/json");
        let token = match (declaration.access, declaration.id) {
            (Access::Public, _) => None,
            (Access::Cron, _) => Some(self.cron_secret.clone()),
            (_, "me.erase") => self.ready.lock().await.leaving.take(),
            _ => Some(self.user.token().to_owned()),
        };
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if declaration.verb == Verb::Post || declaration.verb == Verb::Patch {
            let body = self.body(declaration.id).unwrap_or_else(|| json!({}));
            request = request.json(&body);
        }
        let began = Instant::now();
        let no_answer = |error: &reqwest::Error| Answer {
            status: None,
            content_type: String::new(),
            body: error.to_string(),
            platform: false,
            took: began.elapsed(),
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return no_answer(&error),
        };
        let status = Some(response.status().as_u16());
        let platform = response.headers().contains_key("x-vercel-error");
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        match response.text().await {
            Ok(body) => Answer {
                status,
                content_type,
                body,
                platform,
                took: began.elapsed(),
            },
            Err(error) => no_answer(&error),
        }
    }

    async fn path(&self, declaration: &Declaration) -> String {
        let id = match declaration.id {
            "channels.get" | "channels.update" | "channels.sync" | "channels.insights" => {
                self.channel.clone()
            }
            "channels.disconnect" => self.ready.lock().await.channel.take().unwrap_or_default(),
            "content.get" | "content.change" => self.script.clone(),
            "videos.get" => self.video.clone(),
            _ => Uuid::new_v4().to_string(),
        };
        declaration
            .path
            .split('/')
            .map(|part| match part {
                "{kind}" => "ideas",
                part if part.starts_with('{') => &id,
                part => part,
            })
            .collect::<Vec<_>>()
            .join("/")
    }

    fn body(&self, id: &str) -> Option<Value> {
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
        Some(match id {
            "me.update" => json!({"display_name": "Somebody"}),
            "channels.connect"
            | "channels.sync"
            | "cron.dispatch"
            | "webhooks.revid"
            | "schedule.calendar.rotate" => json!({}),
            "channels.update" => json!({"time_zone": "Europe/Berlin"}),
            "content.generate" => json!({"channel_id": self.channel, "count": 3}),
            "content.change" => json!({"rating": 4}),
            "video.estimate" => json!({"content_id": self.script}),
            "video.render" => json!({"content_id": Uuid::new_v4()}),
            "schedule.create" => json!({
                "render_id": Uuid::new_v4(), "title": "A title", "made_for_kids": false, "altered_content": true,
                "publish_at": later.to_string(),
            }),
            "schedule.edit" => json!({"title": "Another title"}),
            "me.erase"
            | "channels.disconnect"
            | "content.archive"
            | "video.cancel"
            | "schedule.cancel"
            | "schedule.calendar.revoke" => json!(null),
            _ => return None,
        })
    }
}

async fn sign_up(addresses: &Addresses) -> Result<Client> {
    let email = format!("{}@example.org", Uuid::new_v4().simple());
    Client::sign_up(addresses, &email)
        .await
        .map_err(|error| failed(&error))
}

/// Goes through Google's consent page; the address that it leads back to.
async fn consent(addresses: &Addresses, user: &Client) -> std::result::Result<String, DemoError> {
    let account = format!("acct-{}", Uuid::new_v4().simple());
    control(
        format!("{}/_control/accounts", addresses.google),
        json!({"account": account, "channel": {"generated": {"videos": 5, "seed": 7}}}),
    )
    .await?;
    let started = user
        .post("/api/channels/connect", json!({"login_hint": account}))
        .await?;
    let page = started["authorization_url"].as_str().unwrap_or_default();
    let answer = http()?
        .get(page)
        .send()
        .await
        .map_err(|error| DemoError::new("consent does not answer", error.to_string()))?;
    answer
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
        .ok_or_else(|| DemoError::new("consent did not lead back", answer.status().to_string()))
}

/// Connects a channel as a user does; its id.
async fn connect(addresses: &Addresses, user: &Client) -> Result<String> {
    let connected = async {
        let back = consent(addresses, user).await?;
        let answer: Value = http()?
            .get(back)
            .header("accept", "application/json")
            .send()
            .await
            .map_err(|error| DemoError::new("the callback does not answer", error.to_string()))?
            .json()
            .await
            .map_err(|error| DemoError::new("the callback gave no JSON", error.to_string()))?;
        answer["id"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| DemoError::new("the callback names no channel", answer.to_string()))
    };
    connected.await.map_err(|error| failed(&error))
}
