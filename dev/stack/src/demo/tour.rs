//! The stages of the loop, in the order in which a creator lives them.

use std::collections::BTreeMap;
use std::path::Path;

use catalyst_cli::error::Result;
use serde_json::{Value, json};

use super::answers::{StageResult, number, text};
use super::console::{Line, millis, thousands};
use super::{channel, content, operator, publication, render};
use crate::addresses::Addresses;
use crate::api_client::Client;
use crate::controls;

/// One tour through the loop and what it found.
pub(super) struct Tour {
    addresses: Addresses,
    database_url: Option<String>,
    stages: Vec<Value>,
    found: BTreeMap<&'static str, Value>,
}

impl Tour {
    pub(super) fn new(addresses: Addresses, database_url: Option<String>) -> Self {
        Self {
            addresses,
            database_url,
            stages: Vec::new(),
            found: BTreeMap::new(),
        }
    }

    /// Runs the stages and reports what they found.
    pub(super) async fn report(&mut self, catalog: &Path) -> Value {
        let ok = self.run(catalog).await.is_ok();
        let outside = self.outside().await.unwrap_or(Value::Null);
        if ok {
            self.summary(&outside);
        }
        json!({
            "ok": ok,
            "catalog": catalog.display().to_string(),
            "mocked": true,
            "stages": self.stages,
            "channel": self.found("channel"),
            "scores": self.found("scores"),
            "content": self.found("content"),
            "render": self.found("render"),
            "upload": self.found("upload"),
            "world": outside,
        })
    }

    /// Runs every stage; the first that fails ends the tour.
    async fn run(&mut self, catalog: &Path) -> Result {
        let account = format!("demo-{}", uuid::Uuid::new_v4().simple());
        operator::create_channel(&self.addresses.google, &account, catalog).await?;
        if let Some(url) = &self.database_url {
            operator::accept_derived_metrics(url).await?;
        }

        let line = Line::begin("sign up", "a new user");
        let user = Client::sign_up(&self.addresses).await;
        let signed_up = (
            "a new user, with a session of their own".to_owned(),
            json!({}),
        );
        let (user, signed_up) = match user {
            Ok(user) => (Some(user), Ok(signed_up)),
            Err(error) => (None, Err(error)),
        };
        self.end("sign_up", line, signed_up)?;
        let Some(user) = user else { return Ok(()) };

        let line = Line::begin("connect", "through Google's consent");
        let connected = channel::connect(&user, &account).await;
        let channel = text(&self.end("connect", line, connected)?, "/channel_id")?;
        self.analyse(&user, &channel).await?;
        self.produce(&user, &channel).await
    }

    /// From the channel's videos to their scores.
    async fn analyse(&mut self, user: &Client, channel: &str) -> Result {
        let mut line = Line::begin("sync", "the catalogue and its history");
        let synced = channel::sync(user, channel, &mut line).await;
        let synced = self.end("sync", line, synced)?;
        self.found.insert(
            "channel",
            json!({"videos": synced["videos"], "id": channel}),
        );

        let mut line = Line::begin(
            "score",
            "each video against its own channel at the same age",
        );
        let scores = channel::score(user, channel, &mut line).await;
        let scores = self.end("score", line, scores)?;
        self.found.insert("scores", scores["counts"].clone());
        Ok(())
    }

    /// From an idea to a public video.
    async fn produce(&mut self, user: &Client, channel: &str) -> Result {
        let mut line = Line::begin("generate", "ideas, titles, a script and a description");
        let content = content::generate(user, channel, &mut line).await;
        let content = self.end("generate", line, content)?;
        self.found.insert(
            "content",
            json!({"id": content["script_id"], "inspired_by": content["inspired_by"]}),
        );

        let mut line = Line::begin("render", "price first, then one paid job");
        let rendered = render::render(user, &content, &mut line).await;
        let rendered = self.end("render", line, rendered)?;
        self.found.insert(
            "render",
            json!({"id": rendered["id"], "credits_used": rendered["credits_used"]}),
        );

        let line = Line::begin(
            "schedule",
            "the next free slot in the channel's own time zone",
        );
        let scheduled = publication::schedule(user, channel, &content, &rendered).await;
        let scheduled = self.end("schedule", line, scheduled)?;

        let mut line = Line::begin(
            "publish",
            "uploaded ahead as private; YouTube publishes at the slot",
        );
        let gateway = &self.addresses.supabase;
        let published = publication::publish(user, gateway, &scheduled, &mut line).await;
        let published = self.end("publish", line, published)?;
        self.found.insert("upload", published["upload"].clone());
        Ok(())
    }

    /// Writes down how a stage ended.
    fn end(&mut self, name: &'static str, line: Line, result: StageResult) -> Result<Value> {
        match result {
            Ok((said, result)) => {
                let took = line.end(&said);
                self.stages
                    .push(json!({"name": name, "ok": true, "ms": millis(took), "result": result}));
                Ok(result)
            }
            Err(error) => {
                let why = error.to_string();
                let took = line.fail(&why);
                self.stages
                    .push(json!({"name": name, "ok": false, "ms": millis(took), "error": why}));
                Err(error)
            }
        }
    }

    fn found(&self, what: &str) -> Value {
        self.found.get(what).cloned().unwrap_or(Value::Null)
    }

    /// What the outside world holds, as the stand-ins count it.
    async fn outside(&self) -> Result<Value> {
        let youtube = controls::state(&self.addresses.youtube).await?;
        let revid = controls::state(&self.addresses.revid).await?;
        let videos = youtube["videos_created"].as_array().map_or(0, Vec::len);
        Ok(json!({
            "youtube_videos_created": videos,
            "revid_renders_charged": revid["renders_charged"],
            "youtube_quota": youtube["quota"],
        }))
    }

    fn summary(&self, outside: &Value) {
        let count = |part: &str, name: &str| thousands(number(&self.found(part)[name]));
        println!(
            "\n  {} videos synced, {} scored, {} outliers, {} withheld",
            count("channel", "videos"),
            count("scores", "scored"),
            count("scores", "outliers"),
            count("scores", "withheld")
        );
        println!(
            "  outside: {} video on YouTube ({}), {} render charged",
            outside["youtube_videos_created"],
            self.found("upload")["youtube_video_id"]
                .as_str()
                .unwrap_or("?"),
            outside["revid_renders_charged"]
        );
    }
}
