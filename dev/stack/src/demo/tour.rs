//! The tour through the stages, in the order in which a creator lives them, and its report.

use std::{collections::BTreeMap, path::Path};

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::console::{Line, millis};
use super::stages::{self, StageResult, ZONE, count, text};
use crate::api_client::{Addresses, Client};
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
        // Outside the product, before anybody signs up.
        let owned = json!({"title": "Demo channel", "time_zone": ZONE, "catalog": catalog});
        controls::create_account(&self.addresses.google, &account, owned).await?;
        if let Some(url) = &self.database_url {
            let accepted = accept_derived_metrics(url).await;
            accepted.map_err(Error::database(
                "the operator's settings could not be written",
            ))?;
        }
        let addresses = self.addresses.clone();
        let mut user = None;
        self.stage("sign up", "a new user", async |_: &mut Line| {
            user = Some(Client::sign_up(&addresses).await?);
            Ok((
                "a new user, with a session of their own".to_owned(),
                json!({}),
            ))
        })
        .await?;
        let Some(user) = user else { return Ok(()) };
        let what = "through Google's consent";
        let connected = self.stage("connect", what, async |_: &mut Line| {
            stages::connect(&user, &account).await
        });
        let channel = text(&connected.await?, "/channel_id")?;
        self.analyse(&user, &channel).await?;
        self.produce(&user, &channel).await
    }

    /// From the channel's videos to their scores.
    async fn analyse(&mut self, user: &Client, channel: &str) -> Result {
        let sync = async |line: &mut Line| stages::sync(user, channel, line).await;
        let synced = self
            .stage("sync", "the catalogue and its history", sync)
            .await?;
        self.found.insert(
            "channel",
            json!({"videos": synced["videos"], "id": channel}),
        );

        let score = async |line: &mut Line| stages::score(user, channel, line).await;
        let what = "each video against its own channel at the same age";
        let scores = self.stage("score", what, score).await?;
        self.found.insert("scores", scores["counts"].clone());
        Ok(())
    }

    /// From an idea to a public video.
    async fn produce(&mut self, user: &Client, channel: &str) -> Result {
        let generate = async |line: &mut Line| stages::generate(user, channel, line).await;
        let what = "ideas, titles, a script and a description";
        let content = self.stage("generate", what, generate).await?;
        let inspired_by = &content["inspired_by"];
        self.found.insert(
            "content",
            json!({"id": content["script_id"], "inspired_by": inspired_by}),
        );

        let render = async |line: &mut Line| stages::render(user, &content, line).await;
        let rendered = self
            .stage("render", "price first, then one paid job", render)
            .await?;
        let credits = &rendered["credits_used"];
        self.found.insert(
            "render",
            json!({"id": rendered["id"], "credits_used": credits}),
        );

        let schedule =
            async |_: &mut Line| stages::schedule(user, channel, &content, &rendered).await;
        let what = "the next free slot in the channel's own time zone";
        let scheduled = self.stage("schedule", what, schedule).await?;

        let gateway = self.addresses.supabase.clone();
        let publish =
            async |line: &mut Line| stages::publish(user, &gateway, &scheduled, line).await;
        let what = "uploaded ahead as private; YouTube publishes at the slot";
        let published = self.stage("publish", what, publish).await?;
        self.found.insert("upload", published["upload"].clone());
        Ok(())
    }

    /// Runs a stage, shows it, and writes down how it ended.
    async fn stage(
        &mut self,
        name: &'static str,
        what: &str,
        run: impl AsyncFnOnce(&mut Line) -> StageResult,
    ) -> Result<Value> {
        let mut line = Line::begin(name, what);
        let name = name.replace(' ', "_");
        match run(&mut line).await {
            Ok((said, result)) => {
                let ms = millis(line.end(&said));
                self.stages
                    .push(json!({"name": name, "ok": true, "ms": ms, "result": result}));
                Ok(result)
            }
            Err(error) => {
                let why = error.to_string();
                let ms = millis(line.fail(&why));
                self.stages
                    .push(json!({"name": name, "ok": false, "ms": ms, "error": why}));
                Err(error)
            }
        }
    }

    fn found(&self, what: &str) -> &Value {
        self.found.get(what).unwrap_or(&Value::Null)
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
        let [scored, outliers, withheld] =
            ["scored", "outliers", "withheld"].map(|name| count(&self.found("scores")[name]));
        let videos = count(&self.found("channel")["videos"]);
        println!(
            "\n  {videos} videos synced, {scored} scored, {outliers} outliers, {withheld} withheld"
        );
        let video = self.found("upload")["youtube_video_id"]
            .as_str()
            .unwrap_or("?");
        let (videos, charged) = (
            &outside["youtube_videos_created"],
            &outside["revid_renders_charged"],
        );
        println!("  outside: {videos} video on YouTube ({video}), {charged} render charged");
    }
}

/// The operator accepts YouTube's derived-metrics amendment, without which no score is shown.
async fn accept_derived_metrics(database_url: &str) -> sqlx::Result<()> {
    let mut database = PgConnection::connect(database_url).await?;
    sqlx::query(
        "insert into private.settings (key, value) values ('derived_metrics_accepted_at', to_jsonb(now()))
         on conflict (key) do nothing",
    )
    .execute(&mut database)
    .await?;
    database.close().await
}
