//! What new content builds on: the content that is written anew, and its source.

use serde_json::Value;
use uuid::Uuid;

use super::request::{ContentKind, GenerateBody};
use super::row::{Content, State};
use super::{list::read, output::Script};
use platform::endpoint::{Kind, Problem};
use platform::{db::Db, field_errors::invalid};

/// The content that is written anew.
pub(super) async fn parent(
    db: &Db,
    kind: ContentKind,
    body: &GenerateBody,
) -> Result<Option<Content>, Problem> {
    let Some(id) = body.regenerate else {
        return match &body.part {
            Some(_) => Err(invalid("/part", "must stand together with regenerate")),
            None => Ok(None),
        };
    };
    let parent = read_of_channel(db, id, body).await?;
    if parent.kind != kind {
        let rule = format!(
            "must be of the kind {kind}; it is of the kind {}",
            parent.kind
        );
        return Err(invalid("/regenerate", rule));
    }
    if parent.state == State::Generating {
        return Err(Problem::new(Kind::InvalidState)
            .detail("This content is still being generated. Wait for it."));
    }
    if let Some(part) = &body.part {
        check_part(kind, part, &parent)?;
    }
    Ok(Some(parent))
}

async fn read_of_channel(db: &Db, id: Uuid, body: &GenerateBody) -> Result<Content, Problem> {
    let content = read(db, id).await?;
    if content.channel_id != body.channel_id {
        return Err(Problem::not_found());
    }
    Ok(content)
}

/// Checks that a part of this name can be written anew.
fn check_part(kind: ContentKind, part: &str, parent: &Content) -> Result<(), Problem> {
    let parts: &[&str] = match kind {
        ContentKind::Script => &["title", "hook", "beats", "call_to_action"],
        ContentKind::Description => &["description", "tags"],
        ContentKind::Ideas | ContentKind::Titles => &[],
    };
    let rule = if parts.is_empty() {
        format!("must be left out: {kind} are written anew as a whole")
    } else if !parts.contains(&part) {
        format!("must be one of {}", parts.join(", "))
    } else if parent.output.is_none() {
        "must be left out: there is no text to keep the rest of".to_owned()
    } else {
        return Ok(());
    };
    Err(invalid("/part", rule))
}

/// What the content builds on.
pub(super) struct Source {
    pub(super) content: Content,
    /// Which item of a list, counted from 0.
    pub(super) item: Option<u32>,
    /// What the model is shown of it.
    pub(super) shown: Value,
}

impl Source {
    pub(super) fn script(&self) -> Option<Script> {
        self.content.typed()?.into_script()
    }
}

/// The source that the body names, or the one of the content that is written anew.
pub(super) async fn source(
    db: &Db,
    kind: ContentKind,
    body: &GenerateBody,
    parent: Option<&Content>,
) -> Result<Option<Source>, Problem> {
    let inherited = parent.and_then(|parent| parent.source_id);
    let Some(id) = body.source_id.or(inherited) else {
        return match body.source_item {
            Some(_) => Err(invalid(
                "/source_item",
                "must stand together with source_id",
            )),
            None => Ok(None),
        };
    };
    let content = read_of_channel(db, id, body).await?;
    check_kind(kind, content.kind)?;
    let Some(output) = &content.output else {
        let rule = "must have an output; its generation failed or still runs";
        return Err(invalid("/source_id", rule));
    };
    let list = output.get("ideas").or_else(|| output.get("titles"));
    let (item, shown) = match list.and_then(Value::as_array) {
        Some(items) => {
            let (item, shown) = choose(items, body, parent, &content)?;
            (Some(item), shown)
        }
        None if body.source_item.is_some() => {
            let rule = "must be left out: the source is not a list";
            return Err(invalid("/source_item", rule));
        }
        None => (None, output.clone()),
    };
    Ok(Some(Source {
        item,
        shown,
        content,
    }))
}

/// Checks that content of this kind can build on a source of that kind.
fn check_kind(kind: ContentKind, source: ContentKind) -> Result<(), Problem> {
    let kinds: &[ContentKind] = match kind {
        ContentKind::Ideas => &[],
        ContentKind::Titles => &[ContentKind::Ideas, ContentKind::Script],
        ContentKind::Script => &[ContentKind::Ideas, ContentKind::Titles],
        ContentKind::Description => &[ContentKind::Script],
    };
    if kinds.contains(&source) {
        return Ok(());
    }
    let rule = if kinds.is_empty() {
        format!("must be left out: {kind} build on nothing")
    } else {
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let kinds = kinds.join(" or ");
        format!("must be of the kind {kinds}; it is of the kind {source}")
    };
    Err(invalid("/source_id", rule))
}

/// The item of a list: the one that the body names, the one that was used before, or the approved one.
fn choose(
    items: &[Value],
    body: &GenerateBody,
    parent: Option<&Content>,
    source: &Content,
) -> Result<(u32, Value), Problem> {
    let item = body
        .source_item
        .or_else(|| u32::try_from(parent?.source_item?).ok())
        .or_else(|| u32::try_from(source.selected?).ok());
    let chosen = item.and_then(|item| Some((item, items.get(item as usize)?.clone())));
    chosen.ok_or_else(|| {
        let rule = format!(
            "must name one of the source's {} items, counted from 0, unless one of them was approved",
            items.len()
        );
        invalid("/source_item", rule)
    })
}
