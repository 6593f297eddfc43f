//! The export: everything that is held about a user and the channels they own, one line a row.
//!
//! A channel may have hundreds of thousands of snapshots, so nothing is ever held whole: the database gives pages of a few
//! hundred kilobytes, and the next one is asked for when the client has taken the one before.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::poll_fn;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc::{Sender, channel};
use utoipa::IntoParams;
use uuid::Uuid;

use platform::clock;
use platform::db::{Db, DbError};
use platform::endpoint::{Ctx, Kind, Problem, Raw, Reply, decode_cursor, encode_cursor, streamed};
use platform::ids::{ChannelId, UserId};

/// Media type of the export.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// Name and version of the format.
const FORMAT: &str = "content-catalyst-export/1";

/// How long one response may take; the function itself may run for 300 s.
const BUDGET: Duration = Duration::from_secs(240);

/// How long a client may take for one page.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(30);

/// Pages that wait for the client.
const PAGES_AHEAD: usize = 2;

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The `cursor` of an export's last line, when it was not complete.
    pub cursor: Option<String>,
}

/// A page of the export, as the database gives it.
#[derive(Debug, Deserialize)]
struct Page {
    /// Rows, one JSON object a line.
    lines: String,
    /// Rows of each table.
    rows: BTreeMap<String, u64>,
    scores_shown: bool,
    /// Where the next page starts; none after the last one.
    next: Option<Position>,
}

/// Where a page ended: a source, a channel when there are several, and the last row's key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    position: i32,
    channel: Option<ChannelId>,
    key: Option<Vec<Value>>,
}

impl Page {
    async fn read(engine: &Db, user: UserId, after: Option<&Position>) -> Result<Self, DbError> {
        let arguments = json!({"p_user": user, "p_after": after});
        engine.call("export_page", &arguments).await
    }
}

/// An export that is being sent: each may take minutes, so a user has two at a time at most.
struct Running(Uuid);

impl Running {
    async fn begin(engine: &Db, user: UserId) -> Result<Self, DbError> {
        let begun = engine.call("begin_export", &json!({"p_user": user})).await;
        begun.map(Self)
    }

    async fn end(self, engine: &Db) {
        let arguments = json!({"p_export": self.0});
        let ended: Result<(), DbError> = engine.call("end_export", &arguments).await;
        if let Err(error) = ended {
            tracing::warn!(error = %error, "an export counts as running for a few minutes more");
        }
    }
}

/// Starts an export. The first page is read before anything is sent, so that what is wrong from the start is a problem.
///
/// # Errors
///
/// A cursor that is none, a database that does not answer.
pub async fn stream(ctx: &Ctx, query: &ExportQuery) -> Result<Reply<Raw>, Problem> {
    let after: Option<Position> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    let (engine, user) = (ctx.engine(), ctx.user().id);
    let running = Running::begin(&engine, user).await?;
    let first = match Page::read(&engine, user, after.as_ref()).await {
        Ok(first) => first,
        Err(error) => {
            running.end(&engine).await;
            return Err(refused_cursor(error));
        }
    };
    let now = clock::now();
    let head = json!({"export": {
        "format": FORMAT, "user_id": user, "made_at": now, "continued": after.is_some(),
        "scores": if first.scores_shown {
            "content_catalyst_scores, and score, multiplier and label in inspired_by, are Content Catalyst scores, not YouTube metrics."
        } else {
            "Hidden: the operator has not accepted YouTube's derived-metrics amendment."
        },
    }});
    let (sender, mut body) = channel(PAGES_AHEAD);
    ctx.background(async move {
        send(&engine, user, head, first, sender).await;
        running.end(&engine).await;
    });
    let mut response = streamed(MEDIA_TYPE, poll_fn(move |cx| body.poll_recv(cx)));
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let disposition = format!("attachment; filename=\"content-catalyst-export-{day}.ndjson\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response
            .headers_mut()
            .insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(Reply::raw(response))
}

fn refused_cursor(error: DbError) -> Problem {
    match error {
        DbError::Refused { code, detail, .. } if code == Kind::InvalidQuery.code() => {
            Problem::new(Kind::InvalidQuery)
                .detail(detail)
                .parameter("cursor", "must be the cursor of an export")
        }
        error => error.into(),
    }
}

/// Sends page after page, and at the end how many rows there were. A response without that end was cut off.
async fn send(
    engine: &Db,
    user: UserId,
    head: Value,
    mut page: Page,
    client: Sender<Result<Bytes, DbError>>,
) {
    let ends = Instant::now() + BUDGET;
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let mut piece = format!("{head}\n");
    loop {
        for (table, count) in &page.rows {
            *rows.entry(table.clone()).or_default() += count;
        }
        if !page.lines.is_empty() {
            piece.push_str(&page.lines);
            piece.push('\n');
        }
        let complete = page.next.is_none();
        let last = complete || Instant::now() >= ends;
        if last {
            let cursor = page.next.as_ref().map(encode_cursor);
            let end = json!({"end": {"complete": complete, "cursor": cursor, "rows": rows}});
            piece += &format!("{end}\n");
        }
        let piece = Bytes::from(std::mem::take(&mut piece));
        let taken = client.send_timeout(Ok(piece), CLIENT_TIMEOUT).await;
        // For a client that has gone, or takes nothing, no more is read.
        if last || taken.is_err() {
            return;
        }
        page = match Page::read(engine, user, page.next.as_ref()).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(user.id = %user, error = %error, "an export was cut off");
                let _ = client.send(Err(error)).await;
                return;
            }
        };
    }
}
