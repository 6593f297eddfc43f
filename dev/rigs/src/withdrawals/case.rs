//! One upload that is withdrawn: at which stage, in which way, and what the world shows of it afterwards.

use catalyst_cli::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgPool, types::Json};
use stack::api_client::{self, Client};
use stack::{Addresses, controls, http_client};
use uuid::Uuid;

use crate::database::{rows, run, value};
use crate::stand_ins::{connect, list, turn, video_request};

/// Leads to a video's own page.
const STUDIO: &str = "https://studio.youtube.com";

/// Where an upload stands when its user changes their mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Its render is not finished.
    Scheduled,
    /// YouTube opens no session.
    Preparing,
    /// YouTube takes no piece.
    Uploading,
    /// The session is gone with its last answer, and the channel does not list the video yet.
    OutcomeUnknown,
    /// YouTube works on the file.
    Processing,
    OnYoutube,
    /// On YouTube, and just moved to another time.
    Moved,
    /// On YouTube, and given up by the pipeline.
    NeedsAttention,
}

impl Stage {
    pub(super) const ALL: [Self; 8] = [
        Self::Scheduled,
        Self::Preparing,
        Self::Uploading,
        Self::OutcomeUnknown,
        Self::Processing,
        Self::OnYoutube,
        Self::Moved,
        Self::NeedsAttention,
    ];

    /// The state in which the upload is left alone.
    fn state(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Preparing => "preparing",
            Self::Uploading => "uploading",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Processing => "processing",
            Self::OnYoutube | Self::Moved | Self::NeedsAttention => "on_youtube",
        }
    }

    /// What keeps an upload of an account at this stage: a fault of YouTube's.
    fn fault(self) -> Option<Value> {
        match self {
            Self::Preparing => {
                Some(json!({"operation": "upload.start", "status": 503, "times": 0}))
            }
            Self::Uploading => {
                Some(json!({"operation": "upload.chunk", "status": 503, "times": 0}))
            }
            Self::OutcomeUnknown => {
                Some(json!({"operation": "upload.final", "when": "after", "cut": true}))
            }
            _ => None,
        }
    }

    /// The same, as knobs.
    fn knobs(self) -> Option<Value> {
        match self {
            Self::OutcomeUnknown => {
                Some(json!({"forget_completed_sessions": true, "visibility_delay_seconds": 300}))
            }
            Self::Processing => {
                Some(json!({"processing_polls": 1_000_000, "processing_seconds": 1_000_000}))
            }
            _ => None,
        }
    }
}

/// How an upload is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    Cancel,
    EraseChannel,
    EraseAccount,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Cancel, Self::EraseChannel, Self::EraseAccount];
}

/// One upload.
pub(super) struct Case {
    pub(super) stage: Stage,
    pub(super) way: Way,
    pub(super) account: String,
    user: Client,
    channel: Uuid,
    upload: Uuid,
    /// The status of the answer to the withdrawal.
    pub(super) answered: u16,
    /// Whether the user was told that it is not withdrawn, with a link to Studio: in the API, and by an event.
    pub(super) told: [bool; 2],
    /// Its videos on YouTube, and whether one is or was public.
    pub(super) videos: Vec<String>,
    pub(super) is_public: bool,
}

impl Case {
    /// Connects a channel, asks for a render and schedules it.
    pub(super) async fn begin(
        addresses: &Addresses,
        database: &PgPool,
        (account, stage, way): (String, Stage, Way),
        at: Timestamp,
    ) -> Result<Self> {
        let user = Client::sign_up(addresses).await?;
        // Where nobody listens: the events themselves are what is looked at.
        let endpoint = json!({"url": "http://127.0.0.1:1/hooks"});
        user.post("/api/webhooks/endpoints", endpoint).await?;
        let channel = json!({"title": account, "rows": []});
        let channel = connect(addresses, &user, &account, channel).await?;
        if let Some(mut fault) = stage.fault() {
            fault["account"] = json!(account);
            controls::set(&addresses.youtube, "faults", fault).await?;
        }
        if let Some(mut knobs) = stage.knobs() {
            knobs["account"] = json!(account);
            turn(&addresses.youtube, knobs).await?;
        }
        if stage == Stage::Scheduled {
            let stuck = json!({"body_contains": account, "outcome": "stuck"});
            turn(&addresses.revid, stuck).await?;
        }
        let asked = (channel, user.id(), account.clone(), Json(video_request()));
        let render: Uuid =
            value(database, "select rig.ask_for_render($1, $2, $3, $4)", asked).await?;
        let body = json!({
            "render_id": render, "title": account, "publish_at": format!("{at:.0}"), "made_for_kids": false, "altered_content": true,
        });
        let upload = api_client::id(&user.post("/api/schedule", body).await?)?;
        Ok(Self {
            stage,
            way,
            account,
            user,
            channel,
            upload,
            answered: 0,
            told: [false; 2],
            videos: Vec::new(),
            is_public: false,
        })
    }

    /// Whether the upload has come to its stage.
    pub(super) async fn has_come(&self, database: &PgPool) -> Result<bool> {
        let states = "select state from public.scheduled_uploads where id = $1";
        let found: Vec<(String,)> = rows(database, states, (self.upload,)).await?;
        Ok(found.iter().any(|(state,)| state == self.stage.state()))
    }

    /// The last step to its stage, which nothing may come between.
    pub(super) async fn arrive(&self, database: &PgPool, at: Timestamp) -> Result {
        match self.stage {
            Stage::Moved => {
                let later = at + SignedDuration::from_mins(20);
                let change = json!({"publish_at": format!("{later:.0}")});
                let path = format!("/api/schedule/{}", self.upload);
                self.user.patch(&path, change).await.map(drop)
            }
            Stage::NeedsAttention => {
                let bury = "select private.dead_letter(s, '{\"code\": \"rig\", \"message\": \"Given up.\"}')
                     from private.steps s where kind = 'upload.advance' and subject_id = $1";
                run(database, bury, (self.upload,)).await
            }
            _ => Ok(()),
        }
    }

    /// Withdraws it, as its user does.
    pub(super) async fn withdraw(
        &mut self,
        addresses: &Addresses,
        http: &reqwest::Client,
    ) -> Result {
        let path = match self.way {
            Way::Cancel => format!("/api/schedule/{}", self.upload),
            Way::EraseChannel => format!("/api/channels/{}", self.channel),
            Way::EraseAccount => "/api/me".to_owned(),
        };
        let request = http.delete(format!("{}{path}", addresses.api));
        let answer = request.bearer_auth(self.user.token()).send().await;
        let answer = answer.map_err(|error| Error::setup("no answer", error.to_string()))?;
        self.answered = answer.status().as_u16();
        Ok(())
    }

    /// Looks at what the stand-in of YouTube holds, and at what the user is told.
    pub(super) async fn look(
        &mut self,
        youtube: &Value,
        database: &PgPool,
        http: &reqwest::Client,
        api: &str,
    ) -> Result {
        let mine = |video: &&Value| video["account"] == self.account.as_str();
        let mine: Vec<&Value> = list(youtube, "videos_created")
            .iter()
            .filter(mine)
            .collect();
        self.is_public |= mine.iter().any(|video| video["privacy"] == "public");
        self.videos = mine
            .iter()
            .filter_map(|video| video["id"].as_str())
            .map(str::to_owned)
            .collect();
        let url = format!("{api}/api/schedule/{}", self.upload);
        let shown = http_client::send(http.get(url).bearer_auth(self.user.token())).await;
        self.told[0] |= shown.is_ok_and(|shown| shown.to_string().contains(STUDIO));
        let events = "select exists (select from public.webhook_deliveries where user_id = $1 and body like $2)";
        let event = (self.user.id(), format!("%{STUDIO}%"));
        self.told[1] |= value::<bool>(database, events, event).await?;
        Ok(())
    }

    /// Its line in the report.
    pub(super) fn line(&self, condition: &str) -> Value {
        json!({
            "stage": self.stage, "way": self.way, "condition": condition, "answered": self.answered, "videos": self.videos.len(),
            "public": self.is_public, "told_in_api": self.told[0], "told_by_event": self.told[1],
        })
    }
}
