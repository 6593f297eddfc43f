//! From an approved script to the request that the provider gets.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::channels::BrandVoice;
use crate::content::{Brief, ContentKind, Form, Output, Script, State, tolerant};
use crate::language::{LANGUAGE_RULE, is_language_tag};
use clients::revid::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest};
use platform::db::{Db, Fetch as _};
use platform::endpoint::{Kind, Problem};
use platform::{field_errors::invalid, ids::ContentId};

/// Characters of the longest script that is sent.
const MAX_SCRIPT: usize = 12_000;

/// Which script, and how the video shall be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderBody {
    /// An approved script.
    pub content_id: ContentId,
    /// Shape of the picture; by default upright for a Short and wide for an ordinary video.
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
    pub music: Option<bool>,
    /// Language of the voice, such as `en-US`; by default the channel's.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
    pub language: Option<String>,
    /// The provider's id of a voice; `GET /api/video/voices` lists those that are offered.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,64}$")]
    pub voice: Option<String>,
}

/// A request for the provider, with the hash of the script that it was made from.
pub(super) struct Prepared {
    /// Empty for a script that is not approved.
    pub(super) content_hash: String,
    pub(super) request: VideoRequest,
}

/// A row of `generated_content` with its channel.
#[derive(Deserialize)]
struct Row {
    kind: ContentKind,
    state: State,
    output: Option<Value>,
    approved_hash: Option<String>,
    brief: Brief,
    channels: Option<Channel>,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(deserialize_with = "tolerant")]
    brand_voice: BrandVoice,
}

/// Reads the script as the caller may see it, and makes the provider's request from it.
pub(super) async fn prepare(
    db: &Db,
    body: &RenderBody,
    to_render: bool,
) -> Result<Prepared, Problem> {
    check(body)?;
    let row: Row = db
        .from("generated_content")
        .select("kind,state,output,approved_hash,brief,channels(brand_voice)")
        .eq("id", body.content_id)
        .one()
        .await?;
    if row.kind != ContentKind::Script {
        let rule = "must be a script; other kinds of content cannot be rendered";
        return Err(invalid("/content_id", rule));
    }
    let content_hash = match (&row.approved_hash, row.state) {
        (Some(hash), State::Approved) => hash.clone(),
        _ if to_render => {
            return Err(Problem::new(Kind::ApprovalRequired)
                .detail("Approve this script first. An edit ends an approval.")
                .pointer("/content_id", "must be an approved script"));
        }
        _ => String::new(),
    };
    let request = video_request(body, row);
    let lines = request.spoken_lines();
    if lines.is_empty() {
        return Err(invalid(
            "/content_id",
            "must be a script that says something",
        ));
    }
    if lines.chars().count() > MAX_SCRIPT {
        let rule = format!("must be a script of at most {MAX_SCRIPT} characters");
        return Err(invalid("/content_id", rule));
    }
    Ok(Prepared {
        content_hash,
        request,
    })
}

fn check(body: &RenderBody) -> Result<(), Problem> {
    let is_voice = |voice: &str| {
        (1..=64).contains(&voice.len())
            && voice
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if body.voice.as_deref().is_some_and(|voice| !is_voice(voice)) {
        return Err(invalid(
            "/voice",
            "must have 1 to 64 letters, digits, _ or -",
        ));
    }
    let language = body.language.as_deref();
    if language.is_some_and(|language| !is_language_tag(language)) {
        return Err(invalid("/language", LANGUAGE_RULE));
    }
    Ok(())
}

fn video_request(body: &RenderBody, row: Row) -> VideoRequest {
    let script = row
        .output
        .and_then(|output| Output::read(row.kind, output).ok()?.into_script())
        .as_ref()
        .map(Script::spoken);
    let channel_language = row
        .channels
        .and_then(|channel| channel.brand_voice.language)
        .filter(|language| is_language_tag(language));
    VideoRequest {
        script: script.unwrap_or_default(),
        aspect: body.aspect.unwrap_or(match row.brief.form {
            Some(Form::Long) => Aspect::Landscape,
            Some(Form::Short) | None => Aspect::Portrait,
        }),
        language: body
            .language
            .clone()
            .or(channel_language)
            .unwrap_or_else(|| "en-US".to_owned()),
        footage: body.footage,
        quality: body.quality,
        resolution: body.resolution,
        captions: body.captions,
        music: body.music.unwrap_or(true),
        voice: body.voice.clone(),
    }
}
