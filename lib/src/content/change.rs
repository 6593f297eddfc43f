//! Editing, rating, approving, rejecting and archiving.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::output::{Output, Violation};
use super::topics::banned;
use super::{list::read, material::Channel, row::Content, warning::warnings};
use platform::field_errors::{FieldErrors, invalid};
use platform::ids::{ContentId, UserId};
use platform::nullable::{given, required};
use platform::{db::Db, endpoint::Problem};

/// A change: one of `output`, `rating` and `decision`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentChanges {
    /// The text in the form of its kind, edited.
    #[serde(default, deserialize_with = "required")]
    #[schema(value_type = Output, required = false)]
    pub output: Option<Value>,
    /// 1 to 5; null takes the rating back.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 5)]
    pub rating: Option<Option<i16>>,
    /// Approve or reject.
    #[serde(default, deserialize_with = "required")]
    #[schema(value_type = Decision, required = false)]
    pub decision: Option<Decision>,
    /// Why; a rejection needs it. At most 1,000 characters.
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
    /// With an approval: the hash of the text that was read.
    pub content_hash: Option<String>,
    /// With an approval of a list: the chosen item, counted from 0.
    #[schema(minimum = 0, maximum = 1000)]
    pub item: Option<i32>,
}

/// What is decided about a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// These words may be rendered and published.
    Approve,
    /// They may not.
    Reject,
}

impl ContentChanges {
    /// Checks that it holds one change, complete.
    fn check(&self) -> Result<(), Problem> {
        let changes = usize::from(self.output.is_some())
            + usize::from(self.rating.is_some())
            + usize::from(self.decision.is_some());
        let rating = self.rating.flatten();
        let reason = self.reason.as_deref().map_or("", str::trim);
        let approves = self.decision == Some(Decision::Approve);
        let (pointer, rule) = if changes != 1 {
            ("", "must hold exactly one of output, rating and decision")
        } else if rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
            ("/rating", "must lie between 1 and 5, or be null")
        } else if reason.chars().count() > 1000 {
            ("/reason", "must be at most 1000 characters")
        } else if self.output.is_some() && self.reason.is_some() {
            ("/reason", "must stand together with rating or decision")
        } else if self.decision == Some(Decision::Reject) && reason.is_empty() {
            ("/reason", "must say why it is rejected")
        } else if !approves && self.content_hash.is_some() {
            ("/content_hash", "must stand together with an approval")
        } else if !approves && self.item.is_some() {
            ("/item", "must stand together with an approval")
        } else {
            return Ok(());
        };
        Err(invalid(pointer, rule))
    }
}

/// Edits, rates, approves or rejects a revision. An edit makes a new revision, which is what comes back.
///
/// # Errors
///
/// `invalid_body` with the field; `banned_topic`; `version_mismatch`; `not_found`.
pub async fn update(
    db: &Db,
    engine: &Db,
    user: UserId,
    id: ContentId,
    version: Option<i64>,
    body: ContentChanges,
) -> Result<Content, Problem> {
    body.check()?;
    let (function, mut arguments) = match (body.output, body.decision) {
        (Some(output), _) => ("edit_content", edited(db, id, output).await?),
        (None, Some(Decision::Approve)) => (
            "approve_content",
            json!({"p_hash": body.content_hash, "p_item": body.item}),
        ),
        (None, Some(Decision::Reject)) => ("reject_content", json!({"p_reason": body.reason})),
        (None, None) => (
            "rate_content",
            json!({"p_rating": body.rating.flatten(), "p_reason": body.reason}),
        ),
    };
    arguments["p_user"] = json!(user);
    arguments["p_content"] = json!(id);
    arguments["p_version"] = json!(version);
    Ok(engine.call(function, &arguments).await?)
}

/// Checks an edited output as a generated one is checked.
async fn edited(db: &Db, id: ContentId, output: Value) -> Result<Value, Problem> {
    let old = read(db, id.0).await?;
    let channel = Channel::read(db, old.channel_id).await?;
    let at = |violation: &Violation| format!("/output{}", violation.pointer);
    let output = Output::read(old.kind, output)
        .map_err(|violation| invalid(at(&violation), violation.rule))?;
    let mut errors = FieldErrors::default();
    for violation in output.violations() {
        errors.add(at(&violation), violation.rule);
    }
    errors.into_result()?;
    if let Some(hit) = channel.topics().find(output.texts()) {
        return Err(banned(&hit, "/output", "The text"));
    }
    Ok(json!({
        "p_output": output,
        "p_titles": output.titles(),
        "p_warnings": warnings(&output, &channel.brand_voice, None),
    }))
}

/// Takes a revision out of the lists.
///
/// # Errors
///
/// `not_found`, `version_mismatch`, `invalid_state` while it is being generated.
pub async fn archive(
    engine: &Db,
    user: UserId,
    id: ContentId,
    version: Option<i64>,
) -> Result<(), Problem> {
    let arguments = json!({"p_user": user, "p_content": id, "p_version": version});
    Ok(engine.call("archive_content", &arguments).await?)
}

#[cfg(test)]
mod tests;
