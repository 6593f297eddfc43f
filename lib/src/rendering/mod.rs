//! Renders: paid jobs that turn an approved script into a video file.
//!
//! A request writes down what is wanted and what it may cost, and counts it; the step
//! [`render.advance`](crate::pipeline::advance_render) does the rest. What holds at every moment:
//!
//! * Nothing is sent before it is committed that it will be sent. A submit whose answer is missing is
//!   [`State::SubmitUnknown`]: it is looked for, in the provider's listing and through its callback, and never sent
//!   again.
//! * Only the provider's answer to our own question changes a render. A callback makes us ask sooner, nothing more.
//! * A render whose outcome is unknown stays counted, and its script cannot be rendered again until a person cancels it.
//! * A failed render is never started again by itself.
//!
//! The file stays where the provider keeps it; its address is private. It is measured and hashed when the render
//! becomes ready, and read from there, under the guard of [`clients::download`], when it is published
//! ([`source_of`]). How long the provider serves it is not documented: when the address stops working, the provider is
//! asked for a new one, and when it has none, the render has to be made again.

mod pace;
pub mod search;
mod source;
mod state;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

pub use pace::Pace;
pub use source::{Reading, Source, SourceError, source_of};
pub use state::State;

use clients::download::{Fetcher, Guard, Limits};
use clients::revid::{
    Aspect, Captions, Footage, ProviderJobId, Quality, Resolution, Revid, VideoRequest,
};
use platform::config::Config;
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Idempotency, Kind, Page, PageSize, Problem, decode_cursor};
use platform::ids::{ChannelId, ContentId, RenderId, UserId};
use platform::outbound;

/// What a render is set aside for when the provider gives no estimate: more than nearly all cost.
pub const WORST_CASE_CREDITS: u32 = 50;

/// The longest script that is sent.
const MAX_SCRIPT: usize = 12_000;

/// How long the provider may take to estimate.
const ESTIMATE_TIMEOUT: Duration = Duration::from_secs(8);

// --------------------------------------------------------------------------------------------------------- rows --

/// One render.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(from = "Row")]
pub struct Render {
    /// Its id.
    pub id: RenderId,
    /// The channel it is for.
    pub channel_id: ChannelId,
    /// The script it was made from; null when that was deleted.
    pub content_id: Option<ContentId>,
    /// How far it has come.
    pub state: State,
    /// Per cent done, where the provider tells.
    pub progress: Option<u8>,
    /// What was asked for.
    pub request: VideoRequest,
    /// What it may cost.
    pub cost: Cost,
    /// The video, when it is ready.
    pub file: Option<VideoFile>,
    /// Why there is no video, or why that is not known, and what can be done.
    pub error: Option<RenderError>,
    /// How the provider's job became known: `answer` in the ordinary case, `callback` or `listing` when the submit's
    /// answer was lost. With `listing_time` it was recognised by its time alone: look at the video before publishing it.
    pub found_by: Option<String>,
    /// When it was sent to the provider.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Timestamp>,
    /// When it ended, either way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What a render costs, in the provider's credits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = RenderCost)]
pub struct Cost {
    /// What it was estimated at.
    pub estimated_credits: u32,
    /// Where the estimate comes from: `provider`, or `worst_case` when the provider gave none.
    pub estimate_basis: String,
    /// What counts: `reserved` (not sent yet), `estimated` (may have been charged), `reported` (what the provider
    /// says), `none` (nothing was charged).
    pub basis: String,
    /// What the provider says it charged.
    pub credits_used: Option<u32>,
}

/// A finished video.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct VideoFile {
    /// Size in bytes.
    pub bytes: u64,
    /// Media type.
    pub content_type: Option<String>,
    /// SHA-256 in lowercase hexadecimal; null for files too large to be read through.
    pub sha256: Option<String>,
    /// Length in seconds, where the provider tells.
    pub duration_seconds: Option<f64>,
    /// A still picture, where the provider gives one.
    pub thumbnail_url: Option<String>,
}

/// Why there is no video (yet).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct RenderError {
    /// Stable slug.
    pub code: String,
    /// What happened and what can be done.
    pub message: String,
}

/// A row of `public.renders`.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    id: RenderId,
    channel_id: ChannelId,
    content_id: Option<ContentId>,
    state: State,
    progress: Option<u8>,
    request: VideoRequest,
    estimated_credits: u32,
    estimate_basis: String,
    cost_basis: String,
    credits_used: Option<u32>,
    file_bytes: Option<u64>,
    file_content_type: Option<String>,
    file_sha256: Option<String>,
    file_duration_seconds: Option<f64>,
    thumbnail_url: Option<String>,
    error: Option<RenderError>,
    found_by: Option<String>,
    submitted_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Render {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            channel_id: row.channel_id,
            content_id: row.content_id,
            state: row.state,
            progress: row.progress,
            request: row.request,
            cost: Cost {
                estimated_credits: row.estimated_credits,
                estimate_basis: row.estimate_basis,
                basis: row.cost_basis,
                credits_used: row.credits_used,
            },
            file: row.file_bytes.map(|bytes| VideoFile {
                bytes,
                content_type: row.file_content_type,
                sha256: row.file_sha256,
                duration_seconds: row.file_duration_seconds,
                thumbnail_url: row.thumbnail_url,
            }),
            error: row.error,
            found_by: row.found_by,
            submitted_at: row.submitted_at,
            finished_at: row.finished_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

// ------------------------------------------------------------------------------------------------------- asking --

/// Which script, and how the video shall be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderBody {
    /// An approved script.
    pub content_id: ContentId,
    /// Shape of the picture; by default upright for a Short and wide for an ordinary video.
    #[serde(default)]
    pub aspect: Option<Aspect>,
    /// Where the pictures come from.
    #[serde(default)]
    pub footage: Footage,
    /// How much is spent on each picture.
    #[serde(default)]
    pub quality: Quality,
    /// Size of the picture.
    #[serde(default)]
    pub resolution: Resolution,
    /// Where captions stand.
    #[serde(default)]
    pub captions: Captions,
    /// Whether there is music; there is unless said otherwise.
    #[serde(default)]
    pub music: Option<bool>,
    /// Language of the voice, such as `en-US`; by default the channel's.
    #[serde(default)]
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
    pub language: Option<String>,
    /// The provider's id of a voice.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub voice: Option<String>,
}

/// What a render would cost, and what is left to pay it from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenderEstimate {
    /// Credits.
    pub credits: u32,
    /// `provider`, or `worst_case` when the provider gave no estimate.
    pub basis: &'static str,
    /// What is left.
    pub allowance: Allowance,
    /// Whether the render would be accepted as things stand.
    pub affordable: bool,
    /// How many words are spoken.
    pub words: usize,
    /// About how long speaking them takes, at 150 words a minute.
    pub spoken_seconds: usize,
}

/// What may still be rendered.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[schema(as = RenderAllowance)]
pub struct Allowance {
    /// Renders a month.
    pub renders_per_month: i64,
    /// Renders of this month, reserved ones included.
    pub renders_used: i64,
    /// First day of the next month.
    #[schema(value_type = String, format = Date)]
    pub renews_on: jiff::civil::Date,
    /// The dearest render that is accepted.
    pub credits_per_render: i64,
    /// What the deployment may still spend today.
    pub credits_left_today: i64,
}

/// Which renders to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only renders of this channel.
    pub channel_id: Option<ChannelId>,
    /// Only renders of this script.
    pub content_id: Option<ContentId>,
    /// Only renders in this state.
    #[param(inline)]
    pub state: Option<State>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub limit: PageSize,
}

/// An estimate and where it comes from.
struct Priced {
    credits: u32,
    basis: &'static str,
}

/// A script with the request that it becomes.
struct Prepared {
    hash: String,
    request: VideoRequest,
}

#[derive(Deserialize)]
struct Script {
    kind: String,
    status: String,
    output: Option<Value>,
    approved_hash: Option<String>,
    brief: Value,
    channels: Option<ChannelVoice>,
}

#[derive(Deserialize)]
struct ChannelVoice {
    brand_voice: Value,
}

/// Tells what rendering a script would cost. Sends nothing that is paid for, and reserves nothing.
///
/// # Errors
///
/// A [`Problem`] that names the field or the reason.
pub async fn estimate(
    config: &Config,
    db: &Db,
    user: UserId,
    body: &RenderBody,
) -> Result<RenderEstimate, Problem> {
    let revid = provider(config)?;
    let prepared = prepare(db, body, false).await?;
    let priced = price(&revid, &prepared.request).await;
    let arguments = json!({ "p_user": user, "p_limits": limits(config) });
    let allowance: Allowance = Db::engine(config)
        .call("render_allowance", &arguments)
        .await?;
    let credits = i64::from(priced.credits);
    let words = prepared.request.spoken_lines().split_whitespace().count();
    Ok(RenderEstimate {
        credits: priced.credits,
        basis: priced.basis,
        affordable: credits <= allowance.credits_per_render
            && credits <= allowance.credits_left_today
            && allowance.renders_used < allowance.renders_per_month,
        allowance,
        words,
        spoken_seconds: words * 60 / 150,
    })
}

/// Writes down that a script is to be rendered; the step does it.
///
/// # Errors
///
/// A [`Problem`] that names the field or the reason: not approved, rendered already, allowance or budget used up, too
/// costly.
pub async fn request(
    config: &Config,
    db: &Db,
    user: UserId,
    idempotency: Option<&Idempotency>,
    body: &RenderBody,
) -> Result<Render, Problem> {
    let revid = provider(config)?;
    let prepared = prepare(db, body, true).await?;
    let priced = price(&revid, &prepared.request).await;
    let arguments = json!({
        "p_user": user,
        "p_idempotency": idempotency,
        "p_content": body.content_id,
        "p_content_hash": prepared.hash,
        "p_request": prepared.request,
        "p_credits": priced.credits,
        "p_estimate_basis": priced.basis,
        "p_limits": limits(config),
    });
    Ok(Db::engine(config)
        .call("request_render", &arguments)
        .await?)
}

/// Reads the script as the caller may see it and makes the provider's request from it.
async fn prepare(db: &Db, body: &RenderBody, to_render: bool) -> Result<Prepared, Problem> {
    let invalid = |pointer: &str, message: &str| {
        Problem::new(Kind::InvalidBody)
            .detail(format!("{}: {message}.", pointer.trim_start_matches('/')))
            .pointer(pointer, message)
    };
    if let Some(voice) = &body.voice
        && !((1..=64).contains(&voice.len())
            && voice
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
    {
        return Err(invalid(
            "/voice",
            "must have 1 to 64 letters, digits, _ or -",
        ));
    }
    if let Some(language) = &body.language
        && !is_language(language)
    {
        return Err(invalid(
            "/language",
            "must be a language tag such as en, en-US or pt-BR",
        ));
    }

    let script: Script = db
        .from("generated_content")
        .select("kind,status,output,approved_hash,brief,channels(brand_voice)")
        .eq("id", body.content_id)
        .one()
        .await?;
    if script.kind != "script" {
        return Err(invalid(
            "/content_id",
            "must be a script; other kinds of content cannot be rendered",
        ));
    }
    let hash = match (&script.approved_hash, script.status.as_str()) {
        (Some(hash), "approved") => hash.clone(),
        _ if to_render => {
            return Err(Problem::new(Kind::ApprovalRequired)
                .detail("Approve this script first. An edit ends an approval.")
                .pointer("/content_id", "must be an approved script"));
        }
        _ => String::new(),
    };
    let text = script.output.as_ref().map(spoken).unwrap_or_default();
    let form = script
        .brief
        .get("form")
        .or_else(|| script.brief.get("format"))
        .and_then(Value::as_str);
    let aspect = body.aspect.unwrap_or(match form {
        Some("long") => Aspect::Landscape,
        _ => Aspect::Portrait,
    });
    let voice_language = script
        .channels
        .as_ref()
        .and_then(|channel| channel.brand_voice.get("language"))
        .and_then(Value::as_str)
        .filter(|language| is_language(language));
    let request = VideoRequest {
        script: text,
        aspect,
        language: body
            .language
            .as_deref()
            .or(voice_language)
            .unwrap_or("en-US")
            .to_owned(),
        footage: body.footage,
        quality: body.quality,
        resolution: body.resolution,
        captions: body.captions,
        music: body.music.unwrap_or(true),
        voice: body.voice.clone(),
    };
    let lines = request.spoken_lines();
    if lines.is_empty() {
        return Err(invalid(
            "/content_id",
            "must be a script that says something",
        ));
    }
    if lines.chars().count() > MAX_SCRIPT {
        return Err(invalid(
            "/content_id",
            "must be a script of at most 12000 characters",
        ));
    }
    Ok(Prepared { hash, request })
}

/// What is spoken in a script: its hook, its beats and its call to action, one after the other.
fn spoken(output: &Value) -> String {
    const WORDS: [&str; 7] = [
        "spoken",
        "text",
        "words",
        "narration",
        "say",
        "body",
        "content",
    ];
    fn words(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Object(map) => WORDS
                .iter()
                .find_map(|name| map.get(*name)?.as_str().map(ToOwned::to_owned)),
            Value::Array(list) => {
                Some(list.iter().filter_map(words).collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }
    let parts: Vec<String> = [
        "hook",
        "beats",
        "body",
        "sections",
        "scenes",
        "call_to_action",
    ]
    .iter()
    .filter_map(|name| output.get(*name).and_then(words))
    .filter(|text| !text.trim().is_empty())
    .collect();
    if parts.is_empty() {
        words(output).unwrap_or_default()
    } else {
        parts.join("\n")
    }
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.clone().count() <= 2
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

async fn price(revid: &Revid, request: &VideoRequest) -> Priced {
    match revid
        .estimate(request, Instant::now() + ESTIMATE_TIMEOUT)
        .await
    {
        Ok(credits) => Priced {
            credits,
            basis: "provider",
        },
        Err(error) => {
            tracing::warn!(error = %error, "no estimate; the worst case is set aside");
            Priced {
                credits: WORST_CASE_CREDITS,
                basis: "worst_case",
            }
        }
    }
}

fn limits(config: &Config) -> Value {
    let (per_render, per_day) = config.revid.as_ref().map_or((0, 0), |revid| {
        (revid.credits_per_render, revid.credits_per_day)
    });
    json!({
        "renders_per_month": config.limits.renders_per_month,
        "credits_per_render": per_render,
        "credits_per_day": per_day,
    })
}

// ---------------------------------------------------------------------------------------------------- following --

/// The caller's renders, newest first.
///
/// # Errors
///
/// A [`Problem`] when the cursor is not one of this list, or the database does not answer.
pub async fn list(db: &Db, query: ListQuery) -> Result<Page<Render>, Problem> {
    let PageSize(limit) = query.limit;
    let mut rows = db
        .from("renders")
        .select("*")
        .order("created_at.desc,id.desc")
        .limit(limit + 1);
    if let Some(channel) = query.channel_id {
        rows = rows.eq("channel_id", channel);
    }
    if let Some(content) = query.content_id {
        rows = rows.eq("content_id", content);
    }
    if let Some(state) = query.state {
        rows = rows.eq("state", state.as_str());
    }
    if let Some(cursor) = &query.cursor {
        let (at, id): (Timestamp, RenderId) = decode_cursor(cursor)?;
        rows = rows.or(&format!(
            "created_at.lt.\"{at}\",and(created_at.eq.\"{at}\",id.lt.{id})"
        ));
    }
    let rows: Vec<Render> = rows.rows().await?;
    Ok(Page::cut(rows, limit, |render| {
        (render.created_at, render.id)
    }))
}

/// One render.
///
/// # Errors
///
/// [`Kind::NotFound`] when the caller may not see it.
pub async fn get(db: &Db, id: RenderId) -> Result<Render, Problem> {
    Ok(db.from("renders").select("*").eq("id", id).one().await?)
}

/// Gives a render up. Before the submit this costs nothing; after it the provider works on and is paid.
///
/// # Errors
///
/// [`Kind::NotFound`]; [`Kind::InvalidState`] when it is over already.
pub async fn cancel(engine: &Db, user: UserId, id: RenderId) -> Result<Render, Problem> {
    let arguments = json!({ "p_user": user, "p_render": id });
    Ok(engine.call("cancel_render", &arguments).await?)
}

// ---------------------------------------------------------------------------------------------------- callbacks --

/// The secret in a callback's address: 32 random bytes. It will be seen by the provider and may end up in its logs, so
/// all that it allows is to make us look again.
#[derive(Debug)]
pub(crate) struct CallbackToken {
    token: String,
}

impl CallbackToken {
    /// A new one.
    pub(crate) fn new() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes)?;
        Ok(Self { token: hex(&bytes) })
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> String {
        token_hash(&self.token)
    }

    /// The address the provider is given.
    pub(crate) fn address(&self, app: &url::Url, render: RenderId) -> url::Url {
        let mut address = app.clone();
        address.set_path("/api/webhooks/revid");
        address
            .query_pairs_mut()
            .clear()
            .append_pair("render", &render.to_string())
            .append_pair("token", &self.token);
        address
    }
}

fn token_hash(token: &str) -> String {
    hex(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A callback came to a render's own address. Answers whether the job is to be looked at now.
///
/// # Errors
///
/// [`Kind::NotFound`] for anything that does not fit together, without saying what.
pub async fn note_callback(
    engine: &Db,
    render: Option<&str>,
    token: Option<&str>,
    job: Option<ProviderJobId>,
) -> Result<bool, Problem> {
    let render: RenderId = render
        .and_then(|render| render.parse().ok())
        .ok_or_else(Problem::not_found)?;
    let token = token
        .filter(|token| token.len() == 64)
        .ok_or_else(Problem::not_found)?;
    let arguments =
        json!({ "p_render": render, "p_token_hash": token_hash(token), "p_job_id": job });
    Ok(engine.call("note_render_callback", &arguments).await?)
}

// ------------------------------------------------------------------------------------------------------ clients --

/// The render service.
///
/// # Errors
///
/// [`Kind::UpstreamUnavailable`] when the deployment has no key for it.
pub(crate) fn provider(config: &Config) -> Result<Revid, Problem> {
    let Some(revid) = &config.revid else {
        return Err(Problem::new(Kind::UpstreamUnavailable)
            .detail("This deployment has no key for the render service. Ask its operator."));
    };
    let transport = outbound::transport().clone();
    Ok(Revid::new(
        transport,
        revid.url.clone(),
        revid.api_key.clone(),
    ))
}

/// The guarded way to the provider's files.
///
/// # Errors
///
/// When the HTTP client cannot be built, which no input can cause.
pub(crate) fn fetcher(config: &Config) -> Result<&'static Fetcher, reqwest::Error> {
    static FETCHER: OnceLock<Fetcher> = OnceLock::new();
    if let Some(fetcher) = FETCHER.get() {
        return Ok(fetcher);
    }
    let mut guard = Guard::new();
    if let Some(revid) = &config.revid {
        guard = guard.only_hosts(revid.file_hosts.iter().cloned());
        if config.app.mocking {
            guard = guard.with_stand_in(revid.url.clone());
        }
    }
    let fetcher = Fetcher::new(guard, Limits::default())?;
    Ok(FETCHER.get_or_init(|| fetcher))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scripts_parts_are_spoken_in_order() {
        assert_eq!(spoken(&json!({"text": "Hello."})), "Hello.");
        assert_eq!(
            spoken(
                &json!({"title": "T", "hook": "Hook.", "beats": [{"say": "One."}, {"text": "Two.", "visual": "v"}, "Three."],
                "call_to_action": "Go."})
            ),
            "Hook.\nOne.\nTwo.\nThree.\nGo."
        );
        assert_eq!(spoken(&json!({"hook": {"text": "H"}, "beats": []})), "H");
        assert_eq!(spoken(&json!({"title": "only"})), "");
        assert_eq!(spoken(&json!(null)), "");
    }

    #[test]
    fn language_tags_are_checked() {
        for good in ["en", "en-US", "pt-BR", "zh-Hans-CN", "fil"] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "",
            "e",
            "EN",
            "english",
            "en_US",
            "en-",
            "en-US-x-y",
            "en-U$",
        ] {
            assert!(!is_language(bad), "{bad}");
        }
    }

    #[test]
    fn a_callbacks_address_holds_render_and_token() {
        let app = url::Url::parse("https://app.example.com").unwrap();
        let render = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        let (one, two) = (CallbackToken::new().unwrap(), CallbackToken::new().unwrap());
        let address = one.address(&app, render);
        assert_eq!(address.path(), "/api/webhooks/revid");
        let pairs: std::collections::HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(pairs["render"], render.to_string());
        assert_eq!(pairs["token"].len(), 64);
        assert_eq!(token_hash(&pairs["token"]), one.hash());
        assert_ne!(one.hash(), two.hash());
    }

    #[test]
    fn a_row_becomes_a_render() {
        let row = json!({
            "id": "0198c0de-0000-7000-8000-000000000001", "channel_id": "0198c0de-0000-7000-8000-000000000002",
            "content_id": null, "state": "ready", "progress": 100,
            "request": {"script": "x", "aspect": "9:16", "language": "en", "footage": "stock-video", "quality": "pro",
                "resolution": "1080p", "captions": "middle", "music": true},
            "estimated_credits": 10, "estimate_basis": "provider", "cost_basis": "reported", "credits_used": 9,
            "file_bytes": 5, "file_content_type": "video/mp4", "file_sha256": null, "file_duration_seconds": 38.000,
            "thumbnail_url": null, "error": null, "found_by": "answer", "submitted_at": "2026-11-22T16:00:00.5+00:00",
            "finished_at": null, "created_at": "2026-11-22T16:00:00+00:00", "updated_at": "2026-11-22T16:00:00+00:00",
            "something_new": 1,
        });
        let render: Render = serde_json::from_value(row).unwrap();
        assert_eq!(render.state, State::Ready);
        assert_eq!(render.file.as_ref().unwrap().duration_seconds, Some(38.0));
        let shown = serde_json::to_value(&render).unwrap();
        assert_eq!(shown["cost"]["credits_used"], 9);
        assert_eq!(shown["file"]["bytes"], 5);
    }
}
