//! The stages of the loop, in the order in which a creator lives them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::DemoError;
use super::client::{Addresses, Client, http};
use super::console::{Line, thousands};

/// The channel's own time zone in the demo.
const ZONE: &str = "Europe/Berlin";
/// No stage may take longer.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a state is asked for.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// One tour through the loop and what it found.
pub(super) struct Loop {
    addresses: Addresses,
    database_url: Option<String>,
    stages: Vec<Value>,
    found: BTreeMap<&'static str, Value>,
}

type Found = Result<(String, Value), DemoError>;

impl Loop {
    pub(super) fn new(addresses: Addresses, database_url: Option<String>) -> Self {
        Self {
            addresses,
            database_url,
            stages: Vec::new(),
            found: BTreeMap::new(),
        }
    }

    pub(super) fn stages(&self) -> &[Value] {
        &self.stages
    }

    pub(super) fn found(&self, what: &str) -> Value {
        self.found.get(what).cloned().unwrap_or(Value::Null)
    }

    /// Runs every stage; the first that fails ends the tour.
    pub(super) async fn run(&mut self, catalog: &Path) -> Result<(), DemoError> {
        let account = format!("demo-{}", uuid::Uuid::new_v4().simple());
        self.prepare(&account, catalog).await?;

        let line = Line::begin("sign up", "a new user");
        let signed_up = Client::sign_up(&self.addresses, &format!("{account}@example.org")).await;
        let user = match signed_up {
            Ok(user) => user,
            Err(error) => {
                self.note(
                    "sign_up",
                    line,
                    Err(DemoError::new("sign-up failed", error.to_string())),
                )?;
                return Ok(());
            }
        };
        self.note(
            "sign_up",
            line,
            Ok(("a new user, with a session of their own".into(), json!({}))),
        )?;

        let mut line = Line::begin("connect", "through Google's consent");
        let outcome = connect(&user, &account, &mut line).await;
        let channel = self.note("connect", line, outcome)?;
        let channel = text(&channel, "/channel_id")?;

        let mut line = Line::begin("sync", "the catalogue and its history");
        let outcome = sync(&user, &channel, &mut line).await;
        let synced = self.note("sync", line, outcome)?;
        self.found.insert(
            "channel",
            json!({"videos": synced["videos"], "id": channel}),
        );

        let mut line = Line::begin(
            "score",
            "each video against its own channel at the same age",
        );
        let outcome = score(&user, &channel, &mut line).await;
        let scores = self.note("score", line, outcome)?;
        self.found.insert("scores", scores["counts"].clone());

        let mut line = Line::begin("generate", "ideas, titles, a script and a description");
        let outcome = generate(&user, &channel, &mut line).await;
        let content = self.note("generate", line, outcome)?;
        self.found.insert(
            "content",
            json!({"id": content["script_id"], "inspired_by": content["inspired_by"]}),
        );

        let mut line = Line::begin("render", "price first, then one paid job");
        let outcome = render(&user, &content, &mut line).await;
        let rendered = self.note("render", line, outcome)?;
        self.found.insert(
            "render",
            json!({"id": rendered["id"], "credits_used": rendered["credits_used"]}),
        );

        let line = Line::begin(
            "schedule",
            "the next free slot in the channel's own time zone",
        );
        let outcome = schedule(&user, &channel, &content, &rendered).await;
        let scheduled = self.note("schedule", line, outcome)?;

        let mut line = Line::begin(
            "publish",
            "uploaded ahead as private; YouTube publishes at the slot",
        );
        let outcome = self.publish(&user, &scheduled, &mut line).await;
        let published = self.note("publish", line, outcome)?;
        self.found.insert("upload", published["upload"].clone());
        Ok(())
    }

    /// What happens outside the product before anybody signs up: a creator with a channel at Google, and an operator who
    /// accepted YouTube's derived-metrics amendment.
    async fn prepare(&self, account: &str, catalog: &Path) -> Result<(), DemoError> {
        let body = json!({"account": account, "channel": {"title": "Demo channel", "time_zone": ZONE, "catalog": catalog}});
        let answer = http()?
            .post(format!("{}/_control/accounts", self.addresses.google))
            .json(&body)
            .send()
            .await
            .map_err(|error| {
                DemoError::new("the stand-in of Google does not answer", error.to_string())
            })?;
        if !answer.status().is_success() {
            return Err(DemoError::new(
                "the creator's channel could not be made",
                answer.text().await.unwrap_or_default(),
            ));
        }
        let Some(url) = &self.database_url else {
            return Ok(());
        };
        let accept = async {
            let mut database = PgConnection::connect(url).await?;
            sqlx::query(
                "insert into private.settings (key, value) values ('derived_metrics_accepted_at', to_jsonb(now()))
                 on conflict (key) do nothing",
            )
            .execute(&mut database)
            .await?;
            database.close().await
        };
        accept.await.map_err(|error| {
            DemoError::new(
                "the operator's settings could not be written",
                error.to_string(),
            )
        })
    }

    fn note(&mut self, name: &'static str, line: Line, outcome: Found) -> Result<Value, DemoError> {
        match outcome {
            Ok((said, result)) => {
                let took = line.end(&said);
                self.stages
                    .push(json!({"name": name, "ok": true, "ms": millis(took), "result": result}));
                Ok(result)
            }
            Err(error) => {
                let took = line.fail(&error.to_string());
                self.stages.push(json!({"name": name, "ok": false, "ms": millis(took), "error": error.to_string()}));
                Err(error)
            }
        }
    }

    async fn publish(&self, user: &Client, scheduled: &Value, line: &mut Line) -> Found {
        let id = text(scheduled, "/id")?;
        let path = format!("/api/schedule/{id}");
        wait(user, &path, line, |upload| match upload["state"].as_str() {
            Some("on_youtube") => Seen::There,
            Some("published" | "failed" | "cancelled" | "needs_attention") => {
                Seen::Wrong(reason(upload))
            }
            state => Seen::NotYet(format!(
                "{}, {} of {} bytes are on YouTube",
                state.unwrap_or("?"),
                thousands(upload["bytes_sent"].as_u64().unwrap_or(0)),
                upload["bytes_total"]
                    .as_u64()
                    .map_or_else(|| "?".into(), thousands)
            )),
        })
        .await?;
        let slot: Timestamp =
            text(scheduled, "/publish_at")?
                .parse()
                .map_err(|error: jiff::Error| {
                    DemoError::new("publish_at is no time", error.to_string())
                })?;
        line.progress("on YouTube as private; moving the stack's clock to the slot");
        self.move_clock(slot).await?;
        let upload = wait(user, &path, line, |upload| match upload["state"].as_str() {
            Some("published") => Seen::There,
            Some("failed" | "cancelled" | "needs_attention") => Seen::Wrong(reason(upload)),
            _ => Seen::NotYet("the slot has come; checking that YouTube made it public".into()),
        })
        .await?;
        let video = text(&upload, "/youtube_video_id")?;
        let result = json!({"upload": {
            "id": id, "youtube_video_id": video, "state": upload["state"], "publish_at": upload["publish_at"],
            "bytes": upload["bytes_total"],
        }});
        let bytes = thousands(upload["bytes_total"].as_u64().unwrap_or(0));
        Ok((
            format!(
                "{bytes} bytes, uploaded once; video {video} is public, by YouTube's own clock"
            ),
            result,
        ))
    }

    /// Lets the time until two minutes after the slot pass for the stack and the stand-ins alike.
    async fn move_clock(&self, slot: Timestamp) -> Result<(), DemoError> {
        let ahead = slot.as_second() - Timestamp::now().as_second() + 120;
        let answer = http()?
            .post(format!("{}/_control/clock", self.addresses.supabase))
            .json(&json!({"advance_seconds": ahead.max(0)}))
            .send()
            .await
            .map_err(|error| {
                DemoError::new("the stack's clock does not answer", error.to_string())
            })?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(DemoError::new(
            "the stack's clock could not be moved",
            answer.text().await.unwrap_or_default(),
        ))
    }

    /// What the outside world holds, as the stand-ins count it.
    pub(super) async fn world(&self) -> Result<Value, DemoError> {
        let youtube = state(&self.addresses.youtube).await?;
        let revid = state(&self.addresses.revid).await?;
        let videos = youtube["videos_created"].as_array().map_or(0, Vec::len);
        Ok(json!({
            "youtube_videos_created": videos,
            "revid_renders_charged": revid["renders_charged"],
            "youtube_quota": youtube["quota"],
        }))
    }

    pub(super) fn summary(&self, world: &Value) {
        let (scores, upload) = (self.found("scores"), self.found("upload"));
        println!(
            "\n  {} videos synced, {} scored, {} outliers, {} withheld",
            thousands(self.found("channel")["videos"].as_u64().unwrap_or(0)),
            thousands(scores["scored"].as_u64().unwrap_or(0)),
            thousands(scores["outliers"].as_u64().unwrap_or(0)),
            thousands(scores["withheld"].as_u64().unwrap_or(0))
        );
        println!(
            "  outside: {} video on YouTube ({}), {} render charged",
            world["youtube_videos_created"],
            upload["youtube_video_id"].as_str().unwrap_or("?"),
            world["revid_renders_charged"]
        );
    }
}

async fn state(url: &str) -> Result<Value, DemoError> {
    http()?
        .get(format!("{url}/_state"))
        .send()
        .await
        .map_err(|error| DemoError::new("a stand-in does not answer", error.to_string()))?
        .json()
        .await
        .map_err(|error| DemoError::new("a stand-in's state is not JSON", error.to_string()))
}

async fn connect(user: &Client, account: &str, line: &mut Line) -> Found {
    let started = user
        .post("/api/channels/connect", json!({"login_hint": account}))
        .await?;
    line.progress("consent given at Google");
    user.consent(&text(&started, "/authorization_url")?).await?;
    let channels = user.get("/api/channels").await?;
    let channel = channels["items"]
        .get(0)
        .ok_or_else(|| DemoError::new("no channel is connected", "the list is empty"))?;
    let title = text(channel, "/title")?;
    Ok((
        format!("“{title}”, through Google's consent with PKCE"),
        json!({"channel_id": channel["id"], "youtube_channel_id": channel["youtube_channel_id"], "title": title}),
    ))
}

async fn sync(user: &Client, channel: &str, line: &mut Line) -> Found {
    let path = format!("/api/channels/{channel}");
    user.patch(
        &path,
        json!({
            "time_zone": ZONE,
            "posting_slots": [{"weekday": 2, "time": "18:00"}, {"weekday": 5, "time": "18:00"}],
        }),
    )
    .await?;
    let began = Instant::now();
    user.post(&format!("{path}/sync"), json!({})).await?;
    let channel = wait(user, &path, line, |channel| {
        let sync = &channel["sync"];
        match sync["state"].as_str() {
            Some("idle") => Seen::There,
            Some("failed") => Seen::Wrong(sync["reason"].to_string()),
            _ => Seen::NotYet(format!(
                "{} of {} videos",
                thousands(sync["videos_synced"].as_u64().unwrap_or(0)),
                thousands(sync["videos_found"].as_u64().unwrap_or(0))
            )),
        }
    })
    .await?;
    let videos = channel["sync"]["videos_synced"].as_u64().unwrap_or(0);
    Ok((
        format!("{} videos with their history", thousands(videos)),
        json!({"videos": videos, "ms": millis(began.elapsed())}),
    ))
}

async fn score(user: &Client, channel: &str, line: &mut Line) -> Found {
    let path = format!("/api/channels/{channel}/insights");
    let insights = wait(user, &path, line, |insights| {
        let at = |name: &str| {
            insights[name]
                .as_str()
                .and_then(|time| time.parse::<Timestamp>().ok())
        };
        match (at("last_synced_at"), at("last_scored_at")) {
            (Some(synced), Some(scored)) if scored > synced => Seen::There,
            _ => Seen::NotYet(format!(
                "{} videos scored",
                thousands(total(insights, "scored"))
            )),
        }
    })
    .await?;
    let (videos, scored, outliers) = (
        total(&insights, "videos"),
        total(&insights, "scored"),
        total(&insights, "outliers"),
    );
    let best = user
        .get(&format!(
            "/api/videos?channel_id={channel}&label=outlier&sort=score&limit=1"
        ))
        .await?;
    let best = &best["items"][0];
    Ok((
        format!(
            "{} scored, {} outliers; strongest: “{}”",
            thousands(scored),
            thousands(outliers),
            best["title"].as_str().unwrap_or("none")
        ),
        json!({
            "counts": {"scored": scored, "outliers": outliers, "withheld": videos.saturating_sub(scored)},
            "strongest": {"title": best["title"], "score": best["score"]},
        }),
    ))
}

/// A count of all formats together.
fn total(insights: &Value, count: &str) -> u64 {
    insights["formats"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|format| format[count].as_u64())
        .sum()
}

async fn generate(user: &Client, channel: &str, line: &mut Line) -> Found {
    line.progress("ideas");
    let ideas = write(user, "ideas", json!({"channel_id": channel})).await?;
    let ideas = approve(user, &ideas, Some(0)).await?;
    line.progress("titles");
    let titles = write(
        user,
        "titles",
        json!({"channel_id": channel, "source_id": ideas["id"], "source_item": 0}),
    )
    .await?;
    let titles = approve(user, &titles, Some(0)).await?;
    line.progress("script");
    let script = write(user, "script", json!({"channel_id": channel, "source_id": titles["id"], "source_item": 0, "target_seconds": 90})).await?;
    let script = approve(user, &script, None).await?;
    line.progress("description");
    let description = write(
        user,
        "description",
        json!({"channel_id": channel, "source_id": script["id"]}),
    )
    .await?;
    let description = approve(user, &description, None).await?;

    let title = text(&titles, "/output/titles/0/title")?;
    let inspired: Vec<Value> = script["inspired_by"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|video| video["video_id"].clone())
        .collect();
    if inspired.is_empty() {
        return Err(DemoError::new(
            "the script names no video that inspired it",
            "provenance is missing",
        ));
    }
    let pieces = [&ideas, &titles, &script, &description];
    let cost: i64 = pieces
        .iter()
        .filter_map(|piece| piece["cost_micros"].as_i64())
        .sum();
    let source = script["inspired_by"][0]["title"].as_str().unwrap_or("?");
    Ok((
        format!(
            "“{title}”, inspired by {} videos, first “{source}”",
            inspired.len()
        ),
        json!({
            "script_id": script["id"], "title": title, "inspired_by": inspired,
            "description": description["output"]["description"], "tags": description["output"]["tags"],
            "cost_micros": cost,
        }),
    ))
}

async fn write(user: &Client, kind: &str, body: Value) -> Result<Value, DemoError> {
    user.post(&format!("/api/generate/{kind}"), body).await
}

async fn approve(user: &Client, content: &Value, item: Option<u32>) -> Result<Value, DemoError> {
    let mut body = json!({"decision": "approve", "content_hash": content["content_hash"]});
    if let Some(item) = item {
        body["item"] = item.into();
    }
    user.patch(&format!("/api/content/{}", text(content, "/id")?), body)
        .await
}

async fn render(user: &Client, content: &Value, line: &mut Line) -> Found {
    let body = json!({"content_id": content["script_id"]});
    let estimate = user.post("/api/video/estimate", body.clone()).await?;
    line.progress(&format!("estimated at {} credits", estimate["credits"]));
    let render = user.post("/api/video/render", body).await?;
    let path = format!("/api/video/{}", text(&render, "/id")?);
    let render = wait(user, &path, line, |render| match render["state"].as_str() {
        Some("ready") => Seen::There,
        Some("failed" | "cancelled" | "submit_unknown" | "timed_out_unknown") => {
            Seen::Wrong(render["error"].to_string())
        }
        state => Seen::NotYet(format!(
            "{} {}",
            state.unwrap_or("?"),
            render["progress"]
                .as_u64()
                .map_or(String::new(), |p| format!("{p} %"))
        )),
    })
    .await?;
    let credits = render["cost"]["credits_used"].clone();
    Ok((
        format!(
            "{} bytes for {credits} credits",
            thousands(render["file"]["bytes"].as_u64().unwrap_or(0))
        ),
        json!({"id": render["id"], "credits_used": credits, "estimate": estimate, "bytes": render["file"]["bytes"]}),
    ))
}

async fn schedule(user: &Client, channel: &str, content: &Value, rendered: &Value) -> Found {
    let slots = user
        .get(&format!("/api/schedule/slots?channel_id={channel}&count=1"))
        .await?;
    let slot = &slots["slots"][0];
    let upload = user
        .post(
            "/api/schedule",
            json!({
                "render_id": rendered["id"],
                "title": content["title"],
                "description": content["description"],
                "tags": content["tags"],
                "publish_at": slot["publish_at"],
                "time_zone": slots["time_zone"],
                "made_for_kids": false,
                "altered_content": false,
            }),
        )
        .await?;
    Ok((
        format!(
            "{} {}",
            upload["local_time"].as_str().unwrap_or("?"),
            upload["time_zone"].as_str().unwrap_or("?")
        ),
        json!({"id": upload["id"], "publish_at": upload["publish_at"], "local_time": upload["local_time"], "time_zone": upload["time_zone"]}),
    ))
}

/// What a look at a resource showed.
enum Seen {
    There,
    NotYet(String),
    Wrong(String),
}

/// Looks until the state has come.
async fn wait(
    user: &Client,
    path: &str,
    line: &mut Line,
    judge: impl Fn(&Value) -> Seen,
) -> Result<Value, DemoError> {
    let began = Instant::now();
    loop {
        let value = user.get(path).await?;
        let last = match judge(&value) {
            Seen::There => return Ok(value),
            Seen::Wrong(why) => {
                return Err(DemoError::new(
                    format!("{path} came to a state it should not"),
                    why,
                ));
            }
            Seen::NotYet(what) => what,
        };
        line.progress(&last);
        if began.elapsed() > PATIENCE {
            return Err(DemoError::new(
                format!("{path} took longer than {} s", PATIENCE.as_secs()),
                last,
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn reason(upload: &Value) -> String {
    format!(
        "{}: {} {}",
        upload["state"], upload["reason"], upload["next_action"]
    )
}

fn text(value: &Value, pointer: &str) -> Result<String, DemoError> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(ToOwned::to_owned)
        .ok_or_else(|| DemoError::new(format!("the answer has no {pointer}"), value.to_string()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
