//! What changed between two revisions, word by word.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};
use utoipa::{IntoParams, ToSchema};

use super::list::settled;
use super::row::Content;
use platform::db::Db;
use platform::endpoint::{Kind, Problem};
use platform::ids::ContentId;

/// Which revision to compare with.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    /// Another revision of the same piece; the one that this was made from when it is left out.
    pub with: Option<ContentId>,
}

/// What is different in a revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContentDiff {
    /// The revision.
    pub id: ContentId,
    /// The revision that it is compared with; null when it was made from none, and then all of it is new.
    pub with: Option<ContentId>,
    /// The fields that differ, in the order in which they stand.
    pub changes: Vec<FieldChange>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// JSON pointer into `output` of the revision; of something that was removed into the other's.
    pub pointer: String,
    /// What became of it.
    pub change: Change,
    /// Its text in pieces, in order. Without the added ones it is the text before, without the removed ones the text now.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiffPiece)]
pub struct Piece {
    /// Whether it stays.
    pub change: Change,
    /// Its words.
    pub text: String,
}

/// What became of a field or of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DiffChange)]
pub enum Change {
    /// It is the same.
    Kept,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Some of it is new or gone.
    Edited,
}

/// Compares a revision with another one of its piece.
///
/// # Errors
///
/// `not_found`; `invalid_query` for a revision of another piece.
pub async fn diff(
    db: &Db,
    engine: &Db,
    id: ContentId,
    query: &DiffQuery,
) -> Result<ContentDiff, Problem> {
    let content = settled(db, engine, id).await?;
    let with = query.with.or(content.parent_id.map(ContentId));
    let before = match with {
        Some(with) => Some(settled(db, engine, with).await?),
        None => None,
    };
    if before
        .as_ref()
        .is_some_and(|before| before.root_id != content.root_id)
    {
        let rule = "must name a revision of the same piece";
        return Err(Problem::new(Kind::InvalidQuery)
            .detail(format!("with {rule}."))
            .parameter("with", rule));
    }
    let output = |content: &Content| content.output.clone().unwrap_or_default();
    Ok(ContentDiff {
        id,
        with,
        changes: changes(
            &before.as_ref().map(output).unwrap_or_default(),
            &output(&content),
        ),
    })
}

/// The fields that differ between two outputs.
fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    compare("", before, after, &mut changes);
    changes
}

fn compare(pointer: &str, before: &Value, after: &Value, changes: &mut Vec<FieldChange>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                let old = old.get(name).unwrap_or(&Value::Null);
                compare(&format!("{pointer}/{name}"), old, value, changes);
            }
            for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
                compare(&format!("{pointer}/{name}"), value, &Value::Null, changes);
            }
        }
        (Value::Array(old), Value::Array(new)) => lists(pointer, old, new, changes),
        (Value::Array(old), Value::Null) => lists(pointer, old, &[], changes),
        (Value::Null, Value::Array(new)) => lists(pointer, &[], new, changes),
        (Value::Object(old), Value::Null) => {
            for (name, value) in old {
                compare(&format!("{pointer}/{name}"), value, &Value::Null, changes);
            }
        }
        (Value::Null, Value::Object(new)) => {
            for (name, value) in new {
                compare(&format!("{pointer}/{name}"), &Value::Null, value, changes);
            }
        }
        (before, after) if before == after => {}
        (before, after) => changes.push(words(pointer, before, after)),
    }
}

/// Members that are the same in both lists stay in their places; between those they are compared one by one.
fn lists(pointer: &str, old: &[Value], new: &[Value], changes: &mut Vec<FieldChange>) {
    let text = |list: &[Value]| list.iter().map(Value::to_string).collect::<Vec<_>>();
    for operation in capture_diff_slices(Algorithm::Myers, &text(old), &text(new)) {
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let (from, to) = (operation.old_range(), operation.new_range());
        for place in 0..from.len().max(to.len()) {
            let of = |list: &'_ [Value], range: &std::ops::Range<usize>| {
                let index = range.start + place;
                (index < range.end).then(|| list[index].clone())
            };
            let (before, after) = (of(old, &from), of(new, &to));
            let index = if after.is_some() {
                to.start + place
            } else {
                from.start + place
            };
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            compare(&format!("{pointer}/{index}"), &before, &after, changes);
        }
    }
}

fn words(pointer: &str, before: &Value, after: &Value) -> FieldChange {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (old, new) = (text(before), text(after));
    let mut pieces: Vec<Piece> = Vec::new();
    for change in TextDiff::from_words(&old, &new).iter_all_changes() {
        let tag = match change.tag() {
            ChangeTag::Equal => Change::Kept,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match pieces.last_mut() {
            Some(last) if last.change == tag => last.text.push_str(change.value()),
            _ => pieces.push(Piece {
                change: tag,
                text: change.value().to_owned(),
            }),
        }
    }
    let change = match (before, after) {
        (Value::Null, _) => Change::Added,
        (_, Value::Null) => Change::Removed,
        _ => Change::Edited,
    };
    FieldChange {
        pointer: pointer.to_owned(),
        change,
        pieces,
    }
}

#[cfg(test)]
mod tests;
