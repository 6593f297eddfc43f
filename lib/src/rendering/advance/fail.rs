//! A render that failed.

use serde_json::json;

use super::work::{Run, render_error};
use crate::pipeline::Outcome;
use clients::revid::FailCode;
use platform::db::DbError;

/// What a failed render costs, and who is told.
#[derive(Clone, Copy)]
pub(super) struct Failure<'a> {
    pub(super) code: &'a str,
    /// What happened and what can be done, for the user.
    pub(super) message: &'a str,
    /// Whether the provider may have charged for it.
    pub(super) charged: bool,
    /// What the provider says it charged.
    pub(super) credits: Option<u32>,
    pub(super) alert_operator: bool,
}

impl Run<'_> {
    /// Ends the render; false when it had ended already.
    pub(super) async fn record_failure(&self, failure: Failure<'_>) -> Result<bool, DbError> {
        let arguments = json!({
            "p_error": render_error(failure.code, failure.message),
            "p_charged": failure.charged,
            "p_credits": failure.credits,
            "p_alert": failure.alert_operator,
        });
        self.fenced("fail_render", arguments).await
    }

    /// Ends the render for the reason that the provider gave.
    pub(super) async fn fail(
        &self,
        code: FailCode,
        provider_says: &str,
        charged: bool,
        credits: Option<u32>,
    ) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, code = code.slug(), provider_says, "a render failed");
        self.record_failure(Failure {
            code: code.slug(),
            message: code.advice(),
            charged,
            credits,
            alert_operator: code.concerns_operator(),
        })
        .await?;
        Ok(Outcome::Done)
    }
}
