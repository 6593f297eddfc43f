//! The channel's own videos that the model is shown. They are kept with every piece that was written from them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::request::Form;
use crate::videos::{self, ScoredVideo};
use platform::db::{Db, DbError, Fetch as _};
use platform::ids::ChannelId;
use scoring::{Format, explain::NOTICE, inspiration::different_topics};

/// Videos that worked, at most.
const HITS: usize = 6;

/// Why a video is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It did better than the channel's usual.
    Hit,
    /// It did worse: shown as a contrast.
    Flop,
}

/// A video that the model was shown, with its score at that time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inspiration {
    /// Our id.
    pub video_id: Uuid,
    /// YouTube's id.
    pub youtube_video_id: String,
    /// Its title then.
    pub title: String,
    /// Why it was shown.
    pub role: Role,
    /// Content Catalyst score, not a YouTube metric; null while scores are hidden.
    pub score: Option<i32>,
    /// Views against the channel's usual at the same age; null while scores are hidden.
    pub multiplier: Option<f64>,
    /// `outlier`, `above`, … at that time.
    pub label: Option<String>,
    /// `Content Catalyst score, not a YouTube metric`, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

#[cfg(test)]
impl Inspiration {
    pub(super) fn example(title: &str, role: Role, multiplier: Option<f64>) -> Self {
        Self {
            video_id: Uuid::new_v4(),
            youtube_video_id: "dQw4w9WgXcQ".to_owned(),
            title: title.to_owned(),
            role,
            score: multiplier.map(|_| 90),
            multiplier,
            label: multiplier.map(|_| "outlier".to_owned()),
            notice: multiplier.map(|_| NOTICE.to_owned()),
        }
    }
}

/// Chooses the videos that the model is shown: those that did better than the channel's usual, on different topics, and one
/// or two that did worse. Returns their form too, when none was asked for.
pub(super) async fn choose(
    db: &Db,
    channel: ChannelId,
    form: Option<Form>,
) -> Result<(Vec<Inspiration>, Option<Form>), DbError> {
    let format = form.map(|form| match form {
        Form::Short => Format::Short,
        Form::Long => Format::Long,
    });
    let found = videos::inspirations(db, channel, format).await?;
    if found.picks.is_empty() {
        let viewed = most_viewed(db, channel, form.unwrap_or(Form::Long)).await?;
        return Ok((viewed, None));
    }
    let form = match found.format {
        Some(Format::Short) => Some(Form::Short),
        Some(Format::Long) => Some(Form::Long),
        Some(Format::Live) | None => None,
    };
    let shown = |role| move |video| Inspiration::scored(role, video);
    let hits = found.picks.into_iter().map(shown(Role::Hit));
    let flops = found.flops.into_iter().map(shown(Role::Flop));
    Ok((hits.chain(flops).collect(), form))
}

impl Inspiration {
    fn scored(role: Role, video: ScoredVideo) -> Self {
        Self {
            video_id: video.id.0,
            youtube_video_id: video.youtube_video_id,
            title: video.title,
            role,
            score: Some(video.score.into()),
            multiplier: Some(video.multiplier),
            label: Some(video.label.as_str().to_owned()),
            notice: Some(NOTICE.to_owned()),
        }
    }
}

/// Where there are no scores (too few videos, or the operator has not accepted YouTube's amendment), the channel's most
/// viewed videos: plain numbers of YouTube, with no score and no claim about it.
async fn most_viewed(db: &Db, channel: ChannelId, form: Form) -> Result<Vec<Inspiration>, DbError> {
    #[derive(Deserialize)]
    struct Row {
        id: Uuid,
        youtube_video_id: String,
        title: String,
    }
    let rows: Vec<Row> = db
        .from("videos")
        .select("id,youtube_video_id,title")
        .eq("channel_id", channel)
        .eq("privacy", "public")
        .is("gone_at", "null")
        .is("views", "not_null")
        .or(&format!("format.is.null,format.eq.{form}"))
        .order("views.desc,id")
        .limit(40)
        .rows()
        .await?;
    let rows = different_topics(rows, |row| &row.title, HITS, &[]);
    let hit = |row: Row| Inspiration {
        video_id: row.id,
        youtube_video_id: row.youtube_video_id,
        title: row.title,
        role: Role::Hit,
        score: None,
        multiplier: None,
        label: None,
        notice: None,
    };
    Ok(rows.into_iter().map(hit).collect())
}
