//! A user's change and the count of its request, in one call.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::DbError;
use crate::ids::UserId;

/// A request whose change is counted together with it, by `engine.change`.
#[derive(Debug)]
pub(crate) struct CountedChange {
    /// The functions of `engine` of which one makes the change.
    pub(crate) functions: &'static [&'static str],
    pub(crate) user: UserId,
    /// Of the limit.
    pub(crate) class: &'static str,
    pub(crate) per_minute: u32,
    /// What the limiter said; null when nobody answered, none when the change ended with an error, which left no count.
    pub(crate) decision: OnceLock<Value>,
}

/// What `engine.change` answers.
#[derive(Deserialize)]
pub(super) struct Changed {
    limit: Value,
    answer: Option<Box<RawValue>>,
    refusal: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    status: u16,
    code: String,
    detail: String,
    pointer: String,
}

impl CountedChange {
    /// Whether a call of this function is the change, and is to be counted.
    pub(super) fn is_made_by(&self, function: &str) -> bool {
        self.functions.contains(&function) && self.decision.get().is_none()
    }

    /// The arguments of `engine.change`.
    pub(super) fn arguments(&self, function: &str, arguments: &Value) -> Value {
        json!({
            "p_user": self.user, "p_class": self.class, "p_per_minute": self.per_minute,
            "p_function": function, "p_arguments": arguments,
        })
    }

    /// Notes the decision and gives the function's own answer, or its refusal.
    pub(super) fn settle(
        &self,
        changed: Result<Changed, DbError>,
    ) -> Result<Box<RawValue>, DbError> {
        // Whoever does not answer is not asked once more.
        if changed.as_ref().is_err_and(DbError::is_transient) {
            let _ = self.decision.set(Value::Null);
        }
        let changed = changed?;
        let _ = self.decision.set(changed.limit);
        match changed.refusal {
            Some(refusal) => Err(refusal.into()),
            None => Ok(changed.answer.unwrap_or_default()),
        }
    }
}

impl From<Refusal> for DbError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            status: refusal.status,
            code: refusal.code,
            detail: refusal.detail,
            pointer: Some(refusal.pointer).filter(|pointer| pointer.starts_with('/')),
        }
    }
}
