//! The take-out: everything that is held about a user and the channels they own, one line a row.
//!
//! A channel may have hundreds of thousands of snapshots, so nothing is ever held whole: the database gives pages of a few
//! hundred kilobytes, and the next one is asked for when the client has taken the one before.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use utoipa::IntoParams;
use vercel_runtime::ResponseBody;

use platform::clock;
use platform::db::{Db, DbError};
use platform::endpoint::{Ctx, Kind, Problem, Raw, Reply, decode_cursor, encode_cursor};
use platform::ids::{ChannelId, UserId};

/// Media type of the take-out.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// Name and version of the form.
const FORMAT: &str = "content-catalyst-export/1";

/// How long one answer goes on; the function itself may run for 300 s.
const BUDGET: Duration = Duration::from_secs(240);

/// How long a client may take for one page.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pages that wait for the client.
const AHEAD: usize = 2;

/// Where to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The `cursor` of an export's last line, when it was not complete.
    pub cursor: Option<String>,
}

/// One page, as `engine.export_page` gives it.
#[derive(Debug, Deserialize)]
struct Page {
    lines: String,
    rows: BTreeMap<String, u64>,
    scores_shown: bool,
    next: Option<Place>,
}

/// Where a page ended: a source, a channel when there are several, and the last row's key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    position: i32,
    channel: Option<ChannelId>,
    key: Option<Vec<Value>>,
}

#[derive(Serialize)]
struct Arguments<'a> {
    p_user: UserId,
    p_after: Option<&'a Place>,
}

async fn page(engine: &Db, user: UserId, after: Option<&Place>) -> Result<Page, DbError> {
    let arguments = Arguments {
        p_user: user,
        p_after: after,
    };
    engine.call("export_page", &arguments).await
}

/// Starts a take-out. The first page is read before anything is answered, so that what is wrong from the start is a problem.
///
/// # Errors
///
/// A cursor that is none, a database that does not answer.
pub async fn stream(ctx: &Ctx, query: &ExportQuery) -> Result<Reply<Raw>, Problem> {
    let after: Option<Place> = query.cursor.as_deref().map(decode_cursor).transpose()?;
    let (engine, user) = (ctx.engine(), ctx.user().id);
    let first = page(&engine, user, after.as_ref())
        .await
        .map_err(|error| match error {
            DbError::Refused {
                ref code,
                ref detail,
                ..
            } if code == Kind::InvalidQuery.code() => Problem::new(Kind::InvalidQuery)
                .detail(detail.clone())
                .pointer("?cursor", "must be the cursor of an export"),
            error => error.into(),
        })?;
    let now = clock::now();
    let head = json!({"export": {
        "format": FORMAT, "user_id": user, "made_at": now, "continued": after.is_some(),
        "scores": if first.scores_shown {
            "content_catalyst_scores, and score, multiplier and label in inspired_by, are Content Catalyst scores, not YouTube metrics."
        } else {
            "Hidden: the operator has not accepted YouTube's derived-metrics amendment."
        },
    }});
    let (sender, body) = channel(AHEAD);
    ctx.background(send(engine, user, head, first, sender));
    let mut response = Response::new(ResponseBody(Lines(body).boxed()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let disposition = format!("attachment; filename=\"content-catalyst-export-{day}.ndjson\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(Reply::raw(response))
}

type Piece = Result<Bytes, DbError>;

/// Sends page after page, and at the end how many rows there were. An answer without that end was cut off.
async fn send(engine: Db, user: UserId, head: Value, mut page: Page, client: Sender<Piece>) {
    let ends = Instant::now() + BUDGET;
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let mut piece = line(&head);
    loop {
        for (table, count) in &page.rows {
            *rows.entry(table.clone()).or_default() += count;
        }
        if !page.lines.is_empty() {
            piece.push_str(&page.lines);
            piece.push('\n');
        }
        let complete = page.next.is_none();
        if complete || Instant::now() >= ends {
            let cursor = page.next.as_ref().map(encode_cursor);
            piece.push_str(&line(
                &json!({"end": {"complete": complete, "cursor": cursor, "rows": rows}}),
            ));
            let _ = client.send_timeout(Ok(Bytes::from(piece)), PATIENCE).await;
            return;
        }
        // A client that has gone, or takes nothing, is not read for any longer.
        if client
            .send_timeout(Ok(Bytes::from(std::mem::take(&mut piece))), PATIENCE)
            .await
            .is_err()
        {
            return;
        }
        page = match self::page(&engine, user, page.next.as_ref()).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(user.id = %user, error = %error, "an export was cut off");
                let _ = client.send(Err(error)).await;
                return;
            }
        };
    }
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

/// A body that ends when its sender is gone, and breaks off when it sends an error.
struct Lines(Receiver<Piece>);

impl Body for Lines {
    type Data = Bytes;
    type Error = vercel_runtime::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, vercel_runtime::Error>>> {
        self.0
            .poll_recv(cx)
            .map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(Into::into)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_ends_with_its_sender_and_breaks_off_with_an_error() {
        let (sender, body) = channel(AHEAD);
        sender.send(Ok(Bytes::from_static(b"{}\n"))).await.unwrap();
        drop(sender);
        assert_eq!(Lines(body).collect().await.unwrap().to_bytes(), "{}\n");

        let (sender, body) = channel(AHEAD);
        sender.send(Err(DbError::NotFound)).await.unwrap();
        drop(sender);
        assert!(Lines(body).collect().await.is_err());
    }
}
