//! Generated content: from a brief to ideas, titles, a script and a description, each with the channel's own videos that
//! inspired it, in versions that never change, with what it cost.
//!
//! | module | says |
//! | --- | --- |
//! | [`kind`], [`brief`] | what can be asked for |
//! | [`inspiration`], [`voice`], [`topics`] | what the channel brings: evidence, how it speaks, what it stays away from |
//! | [`prompt`] | what the model is told, and how strangers' words are kept from being instructions |
//! | [`write`] | the calls, the one repair, and the name of every way it can end |
//! | [`answer`], [`output`], [`chapters`] | what came back, checked against every limit of YouTube |
//! | [`generate`] | the whole of it: check, reserve, write, settle |
//! | [`events`] | the same, told as it happens |
//! | [`row`] | content as the API shows it |

pub mod answer;
pub mod brief;
pub mod chapters;
pub mod events;
pub mod generate;
pub mod inspiration;
pub mod kind;
pub mod output;
pub mod prompt;
pub mod row;
pub mod topics;
pub mod voice;
pub mod write;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

pub use brief::GenerateBody;
pub use generate::{Begun, Job, begin};
pub use kind::{ContentKind, Form};
pub use output::Output;
pub use row::{Content, ContentDetail, Revision, Status};
pub use voice::BrandVoice;

use crate::routes::content::{ChangeBody, Decision, ListQuery};
use output::Script;
use platform::db::{Db, DbError, Fetch as _, quote};
use platform::endpoint::{Kind, Page, Problem, decode_cursor};
use platform::ids::{ChannelId, ContentId, UserId};
use topics::Topics;

/// A generation of this age has lost its process: no request lives longer than a minute.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(3);

/// Content of the caller's channels, the newest first. What was archived is shown only when it is asked for.
///
/// # Errors
///
/// [`Kind::InvalidQuery`] for a cursor of another list; whatever the database ends with.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Page<Content>, Problem> {
    let mut rows = db
        .from("generated_content")
        .select(row::COLUMNS)
        .order("created_at.desc,id.desc");
    rows = match query.status {
        Some(status) => rows.eq("status", status.as_str()),
        None => rows.neq("status", Status::Archived.as_str()),
    };
    if let Some(channel) = query.channel_id {
        rows = rows.eq("channel_id", channel);
    }
    if let Some(kind) = query.kind {
        rows = rows.eq("kind", kind);
    }
    if let Some(root) = query.root_id {
        rows = rows.eq("root_id", root);
    }
    if let Some(cursor) = &query.cursor {
        let (at, id): (Timestamp, ContentId) = decode_cursor(cursor)?;
        let at = quote(&at.to_string());
        rows = rows.or(&format!(
            "created_at.lt.{at},and(created_at.eq.{at},id.lt.{id})"
        ));
    }
    let limit = query.limit.0;
    let rows: Vec<Content> = rows.limit(limit + 1).rows().await?;
    Ok(Page::cut(rows, limit, |content| {
        (content.created_at, content.id)
    }))
}

/// One revision, with the other revisions of its piece. One that has lost its process is ended first.
///
/// # Errors
///
/// [`Kind::NotFound`].
pub async fn get(db: &Db, engine: &Db, id: ContentId) -> Result<ContentDetail, Problem> {
    let content = settled(db, engine, id).await?;
    let revisions = db
        .from("generated_content")
        .select("id,revision,origin,status,parent_id,content_hash,rating,created_at")
        .eq("root_id", content.root_id)
        .order("revision.desc")
        .limit(200)
        .rows()
        .await?;
    Ok(ContentDetail { content, revisions })
}

async fn settled(db: &Db, engine: &Db, id: ContentId) -> Result<Content, DbError> {
    let content = read(db, id.0).await?;
    let lost = content.status == Status::Generating
        && platform::clock::now() - LOST_AFTER > content.started_at;
    if !lost {
        return Ok(content);
    }
    let _: Value = engine
        .call("interrupt_generation", &json!({"p_content": id}))
        .await?;
    read(db, id.0).await
}

async fn read(db: &Db, id: Uuid) -> Result<Content, DbError> {
    db.from("generated_content")
        .select(row::COLUMNS)
        .eq("id", id)
        .one()
        .await
}

/// Edits, rates, approves or rejects a revision. An edit makes a new revision, which is what comes back.
///
/// # Errors
///
/// [`Kind::InvalidBody`] with the field; [`Kind::BannedTopic`]; [`Kind::VersionMismatch`]; [`Kind::NotFound`].
pub async fn change(
    db: &Db,
    engine: &Db,
    user: UserId,
    id: ContentId,
    version: Option<i64>,
    body: ChangeBody,
) -> Result<Content, Problem> {
    body.check()?;
    if let Some(output) = body.output {
        return edit(db, engine, user, id, version, output).await;
    }
    let common = json!({"p_user": user, "p_content": id, "p_version": version});
    let with = |more: Value| merged(&common, &more);
    let content = match (body.decision, body.rating) {
        (Some(Decision::Approve), _) => {
            let arguments = with(json!({"p_hash": body.content_hash, "p_item": body.item}));
            engine.call("approve_content", &arguments).await?
        }
        (Some(Decision::Reject), _) => {
            engine
                .call("reject_content", &with(json!({"p_reason": body.reason})))
                .await?
        }
        (None, rating) => {
            let arguments = with(json!({"p_rating": rating.flatten(), "p_reason": body.reason}));
            engine.call("rate_content", &arguments).await?
        }
    };
    Ok(content)
}

async fn edit(
    db: &Db,
    engine: &Db,
    user: UserId,
    id: ContentId,
    version: Option<i64>,
    output: Value,
) -> Result<Content, Problem> {
    let old = read(db, id.0).await?;
    let channel = generate::channel(db, old.channel_id).await?;
    let refuse = |broken: Vec<output::Broken>| {
        let sentences: Vec<String> = broken
            .iter()
            .map(|broken| format!("output{} {}.", broken.pointer, broken.rule))
            .collect();
        let problem = Problem::new(Kind::InvalidBody).detail(sentences.join(" "));
        broken.into_iter().fold(problem, |problem, broken| {
            problem.pointer(format!("/output{}", broken.pointer), broken.rule)
        })
    };
    let output = Output::read(old.kind, output).map_err(|broken| refuse(vec![broken]))?;
    let broken = output.broken();
    if !broken.is_empty() {
        return Err(refuse(broken));
    }
    let voice = BrandVoice::read(&channel.brand_voice);
    if let Some(hit) = Topics::new(&channel.banned_topics).find(output.texts()) {
        let detail = hit.explain("The text");
        return Err(Problem::new(Kind::BannedTopic)
            .detail(detail.clone())
            .pointer("/output", detail));
    }
    let arguments = json!({
        "p_user": user, "p_content": id, "p_version": version, "p_output": output,
        "p_titles": output.titles(), "p_warnings": generate::warnings(&output, &voice, None),
    });
    Ok(engine.call("edit_content", &arguments).await?)
}

/// Takes a revision out of the lists.
///
/// # Errors
///
/// [`Kind::NotFound`], [`Kind::VersionMismatch`], [`Kind::InvalidState`] while it is being generated.
pub async fn archive(
    engine: &Db,
    user: UserId,
    id: ContentId,
    version: Option<i64>,
) -> Result<(), Problem> {
    let arguments = json!({"p_user": user, "p_content": id, "p_version": version});
    Ok(engine.call("archive_content", &arguments).await?)
}

/// The approved script with this id on this channel, for those who turn it into a video. The `engine` function that
/// starts the render must ask `private.approved_script` as well: an edit may come in between.
///
/// # Errors
///
/// [`Kind::NotFound`]; [`Kind::InvalidBody`] for another kind; [`Kind::ApprovalRequired`].
pub async fn approved_script(
    db: &Db,
    channel: ChannelId,
    id: ContentId,
) -> Result<(Content, Script), Problem> {
    let content = read(db, id.0).await?;
    if content.channel_id != channel {
        return Err(Problem::not_found());
    }
    let approved =
        content.status == Status::Approved && content.approved_hash == content.content_hash;
    match content.typed() {
        Some(Output::Script(script)) if approved => Ok((content, script)),
        Some(Output::Script(_)) => Err(Problem::new(Kind::ApprovalRequired)
            .detail("Approve this script first. An edit ends an approval.")
            .pointer("/content_id", "must be an approved script")),
        _ => Err(Problem::new(Kind::InvalidBody)
            .detail(format!(
                "This content is of the kind {}; a script is needed.",
                content.kind
            ))
            .pointer("/content_id", "must be a script")),
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let mut all = one.clone();
    if let (Some(all), Some(other)) = (all.as_object_mut(), other.as_object()) {
        all.extend(other.clone());
    }
    all
}
