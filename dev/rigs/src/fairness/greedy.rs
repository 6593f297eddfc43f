//! The channel that does all that it can, as often as it can.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalyst_cli::error::Result;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::api_client::{self, Client};
use stack::{Addresses, controls, http_client};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::channel::{render, schedule};
use super::hanging::Hanging;
use crate::database::value;
use crate::patience::until;
use crate::stand_ins::{connect, list};

const ACCOUNT: &str = "fairness-greedy-";
/// Uploads that it moves about on YouTube, and uploads whose start YouTube refuses.
const MOVED: usize = 2;
const REFUSED: usize = 12;
/// Endpoints that hang: as many as a user may have.
const ENDPOINTS: usize = 10;
/// Between two requests of one kind: rate limits are off, and this machine is the only one.
const PAUSE: Duration = Duration::from_millis(40);
const PATIENCE: Duration = Duration::from_secs(60);

/// The greedy channel, ready to begin.
pub(super) struct Greedy {
    user: Client,
    channel: Uuid,
    moved: Vec<Uuid>,
    refused: Vec<Uuid>,
    endpoints: Vec<Uuid>,
    hanging: Arc<Hanging>,
}

/// Answers by what was asked for and their status.
type Answers = Arc<Mutex<BTreeMap<&'static str, BTreeMap<u16, u64>>>>;

/// The greedy channel at work, until it is stopped.
pub(super) struct AtIt {
    tasks: JoinSet<()>,
    answers: Answers,
    hanging: Arc<Hanging>,
}

/// What it asked for.
pub(super) struct Requests {
    answers: BTreeMap<&'static str, BTreeMap<u16, u64>>,
    pub(super) hanging: u64,
}

/// What came of it.
pub(super) struct Did {
    pub(super) requests: Value,
    pub(super) calls: Value,
    /// Whether it did something of everything.
    pub(super) is_greedy: bool,
}

impl Greedy {
    /// Connects it, brings some of its videos on YouTube, and has every other start refused.
    pub(super) async fn prepare(addresses: &Addresses, database: &PgPool) -> Result<Self> {
        let user = Client::sign_up(addresses).await?;
        let rows = json!({"title": ACCOUNT, "generated": {"videos": 200, "seed": 1}});
        let channel = connect(addresses, &user, ACCOUNT, rows).await?;
        let hanging = Arc::new(Hanging::listen().await?);
        let mut uploads = Vec::new();
        for number in 0..MOVED + REFUSED {
            let title = format!("{ACCOUNT}{number}-");
            let render = render(database, channel, &user, &title).await?;
            let slot = Timestamp::now() + day_and_hours(number);
            if number == MOVED {
                are_on_youtube(database, &uploads).await?;
                let refuse = json!({"operation": "upload.start", "account": ACCOUNT, "error": "uploadRateLimitExceeded", "times": 0});
                controls::set(&addresses.youtube, "faults", refuse).await?;
            }
            uploads.push(schedule(&user, render, &title, slot).await?);
        }
        let refused = uploads.split_off(MOVED);
        let mut endpoints = Vec::new();
        for number in 0..ENDPOINTS {
            let url = format!("http://127.0.0.1:{}/hooks/{number}", hanging.port);
            let made = user.post("/api/webhooks/endpoints", json!({"url": url}));
            endpoints.push(api_client::id(&made.await?)?);
        }
        Ok(Self {
            user,
            channel,
            moved: uploads,
            refused,
            endpoints,
            hanging,
        })
    }

    /// Begins, and does not end by itself.
    pub(super) fn go(&self, addresses: &Addresses) -> Result<AtIt> {
        let mut at_it = AtIt {
            tasks: JoinSet::new(),
            answers: Answers::default(),
            hanging: Arc::clone(&self.hanging),
        };
        let asking = Asking {
            http: http_client::with_timeout(PATIENCE)?,
            api: addresses.api.clone(),
            token: self.user.token().to_owned(),
            answers: Arc::clone(&at_it.answers),
        };
        for (number, upload) in self.moved.iter().chain(&self.refused).enumerate() {
            let path = format!("/api/schedule/{upload}");
            let move_it = move |round: usize| {
                let slot = Timestamp::now() + day_and_hours(number);
                let slot = slot + SignedDuration::from_mins(i64::try_from(round % 30).unwrap_or(0));
                json!({"publish_at": format!("{slot:.0}")})
            };
            at_it.again_and_again(&asking, "moves", Method::PATCH, path, move_it);
        }
        for upload in &self.refused {
            let path = format!("/api/schedule/{upload}");
            let resume = |_| json!({"resume": true});
            at_it.again_and_again(&asking, "starts", Method::PATCH, path, resume);
        }
        let sync = format!("/api/channels/{}/sync", self.channel);
        at_it.again_and_again(&asking, "syncs", Method::POST, sync, |_| json!({}));
        for endpoint in &self.endpoints {
            let path = format!("/api/webhooks/endpoints/{endpoint}/test");
            at_it.again_and_again(&asking, "webhooks", Method::POST, path, |_| json!({}));
        }
        let (asking, channel) = (asking, self.channel);
        at_it.tasks.spawn(async move {
            loop {
                asking.render(channel).await;
                tokio::time::sleep(PAUSE).await;
            }
        });
        Ok(at_it)
    }

    /// What it did, and what YouTube saw of it.
    pub(super) async fn did(&self, addresses: &Addresses, requests: &Requests) -> Result<Did> {
        let http = http_client::with_timeout(PATIENCE)?;
        let url = format!("{}/_control/calls?account={ACCOUNT}", addresses.youtube);
        let calls = http_client::send(http.get(url)).await?;
        let mut by_operation = BTreeMap::<&str, u64>::new();
        for call in list(&calls, "calls") {
            let operation = call["operation"].as_str().unwrap_or("?");
            *by_operation.entry(operation).or_default() += 1;
        }
        let kinds = ["moves", "starts", "syncs", "webhooks", "renders"];
        let asked = |kind: &&str| requests.answers.contains_key(*kind);
        Ok(Did {
            requests: json!(requests.answers),
            calls: json!(by_operation),
            is_greedy: kinds.iter().all(asked) && requests.hanging > 0,
        })
    }
}

impl AtIt {
    fn again_and_again(
        &mut self,
        asking: &Asking,
        kind: &'static str,
        method: Method,
        path: String,
        body: impl Fn(usize) -> Value + Send + 'static,
    ) {
        let asking = asking.clone();
        self.tasks.spawn(async move {
            for round in 0.. {
                asking.ask(kind, method.clone(), &path, &body(round)).await;
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    /// Stops; what it asked for.
    pub(super) fn stop(mut self) -> Requests {
        self.tasks.abort_all();
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Requests {
            answers: answers.clone(),
            hanging: self.hanging.taken(),
        }
    }
}

/// Asks and counts, whatever the answer.
#[derive(Clone)]
struct Asking {
    http: reqwest::Client,
    api: String,
    token: String,
    answers: Answers,
}

impl Asking {
    async fn ask(&self, kind: &'static str, method: Method, path: &str, body: &Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.api));
        let request = request.bearer_auth(&self.token).json(body);
        let Ok(answer) = request.send().await else {
            return Value::Null;
        };
        self.count(kind, answer.status().as_u16());
        answer.json().await.unwrap_or(Value::Null)
    }

    fn count(&self, kind: &'static str, status: u16) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry(kind).or_default().entry(status).or_default() += 1;
    }

    /// Has a script written and rendered.
    async fn render(&self, channel: Uuid) {
        let topic = json!({"channel_id": channel, "topic": "More", "target_seconds": 30});
        let written = self.ask("scripts", Method::POST, "/api/generate/script", &topic);
        let written = written.await;
        let Ok(script) = api_client::id(&written) else {
            return;
        };
        let approval = json!({"decision": "approve", "content_hash": written["content_hash"]});
        let path = format!("/api/content/{script}");
        self.ask("approvals", Method::PATCH, &path, &approval).await;
        let content = json!({"content_id": script});
        self.ask("renders", Method::POST, "/api/video/render", &content)
            .await;
    }
}

/// A time for its upload of this number, so far from its others that it may be moved.
fn day_and_hours(number: usize) -> SignedDuration {
    SignedDuration::from_hours(24 + 3 * i64::try_from(number).unwrap_or(0))
}

async fn are_on_youtube(database: &PgPool, uploads: &[Uuid]) -> Result {
    let on_youtube = "select not exists (select from public.scheduled_uploads where id = any ($1) and state <> 'on_youtube')";
    let are_there = async || value(database, on_youtube, (uploads.to_vec(),)).await;
    let every = Duration::from_millis(200);
    until("its videos are on YouTube", PATIENCE, every, are_there).await
}
