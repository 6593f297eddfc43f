//! One of the many: a channel with a video that is ready, which is to be public at its slot.

use std::collections::BTreeMap;

use catalyst_cli::error::Result;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{PgPool, types::Json};
use stack::Addresses;
use stack::api_client::{self, Client};
use uuid::Uuid;

use crate::database::{rows, value};
use crate::environment::tenths;
use crate::stand_ins::{connect, list, video_request};

/// A connected channel with a render that is ready, or soon will be.
pub(super) struct Channel {
    user: Client,
    title: String,
    render: Uuid,
}

impl Channel {
    /// Connects a channel and has a video rendered for it.
    pub(super) async fn prepare(
        addresses: &Addresses,
        database: &PgPool,
        number: usize,
    ) -> Result<Self> {
        let user = Client::sign_up(addresses).await?;
        let title = format!("fairness-{number}-");
        let rows = json!({"title": title, "generated": {"videos": 3, "seed": number}});
        let channel = connect(addresses, &user, &title, rows).await?;
        let render = render(database, channel, &user, &title).await?;
        Ok(Self {
            user,
            title,
            render,
        })
    }

    /// Schedules the video; the upload's id.
    pub(super) async fn schedule(&self, slot: Timestamp) -> Result<Uuid> {
        schedule(&self.user, self.render, &self.title, slot).await
    }
}

/// Asks for a render of a script of this channel that says `mark`.
pub(super) async fn render(
    database: &PgPool,
    channel: Uuid,
    user: &Client,
    mark: &str,
) -> Result<Uuid> {
    let asked = (channel, user.id(), mark.to_owned(), Json(video_request()));
    value(database, "select rig.ask_for_render($1, $2, $3, $4)", asked).await
}

/// Schedules a render; the upload's id.
pub(super) async fn schedule(
    user: &Client,
    render: Uuid,
    title: &str,
    slot: Timestamp,
) -> Result<Uuid> {
    let body = json!({
        "render_id": render, "title": title, "publish_at": format!("{slot:.0}"), "made_for_kids": false, "altered_content": true,
    });
    api_client::id(&user.post("/api/schedule", body).await?)
}

/// How late an upload was, in seconds after its slot; infinite when it never came.
pub(super) struct Seen {
    /// On YouTube.
    pub(super) public: f64,
    /// To its user.
    pub(super) told: f64,
    pub(super) state: String,
}

impl Seen {
    pub(super) fn line(&self) -> Value {
        json!({"public": tenths(self.public), "told": tenths(self.told), "state": self.state})
    }
}

/// Whether all uploads have come to an end.
pub(super) async fn all_over(database: &PgPool, uploads: &[Uuid]) -> Result<bool> {
    let over = "select not exists (select from public.scheduled_uploads
         where id = any ($1) and state not in ('published', 'needs_attention', 'failed', 'cancelled'))";
    value(database, over, (uploads.to_vec(),)).await
}

/// When each was public on YouTube, and when its user could see that.
pub(super) async fn look(
    database: &PgPool,
    youtube: &Value,
    uploads: &[Uuid],
) -> Result<Vec<Seen>> {
    let public_at: BTreeMap<&str, Timestamp> = list(youtube, "videos_created")
        .iter()
        .filter_map(|video| {
            Some((
                video["id"].as_str()?,
                video["public_at"].as_str()?.parse().ok()?,
            ))
        })
        .collect();
    let found = "select concat_ws(' ', state, reason), coalesce(youtube_video_id, ''), extract(epoch from publish_at)::float8,
         case when state = 'published' then extract(epoch from state_changed_at - publish_at)::float8 end
         from public.scheduled_uploads where id = any ($1) order by created_at";
    let found: Vec<(String, String, f64, Option<f64>)> =
        rows(database, found, (uploads.to_vec(),)).await?;
    let seen = found.into_iter().map(|(state, video, slot, told)| Seen {
        public: public_at
            .get(&*video)
            .map_or(f64::INFINITY, |at| at.as_duration().as_secs_f64() - slot),
        told: told.unwrap_or(f64::INFINITY),
        state,
    });
    Ok(seen.collect())
}
