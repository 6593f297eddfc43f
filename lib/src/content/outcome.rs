//! A generation's row as the answer to its request.

use std::time::Duration;

use super::failure::FailureCode;
use super::row::{Content, Status};
use platform::endpoint::{Kind, Problem};

/// The content, or the problem that its failure is. A generation that still runs is a request in progress.
pub(super) fn outcome(content: Content) -> Result<Content, Problem> {
    let place = format!("/api/content/{}", content.id);
    if content.status == Status::Generating {
        return Err(Problem::new(Kind::RequestInProgress)
            .detail("The request with this Idempotency-Key is still running.")
            .instance(place)
            .retry_after(Duration::from_secs(5)));
    }
    let Some(failure) = &content.failure else {
        return Ok(content);
    };
    let problem = Problem::new(kind_of(failure.code))
        .detail(failure.message.clone())
        .instance(place);
    let wait = failure
        .retry_at
        .and_then(|at| Duration::try_from(at.duration_since(platform::clock::now())).ok());
    Err(match wait {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    })
}

fn kind_of(code: FailureCode) -> Kind {
    match code {
        FailureCode::PromptBlocked | FailureCode::OutputBlocked | FailureCode::Recitation => {
            Kind::GenerationBlocked
        }
        FailureCode::BannedTopic => Kind::BannedTopic,
        FailureCode::RateLimited
        | FailureCode::QuotaExhausted
        | FailureCode::ProviderUnavailable => Kind::UpstreamUnavailable,
        FailureCode::ProviderRefused => Kind::UpstreamFailed,
        FailureCode::Truncated
        | FailureCode::Empty
        | FailureCode::Malformed
        | FailureCode::Stopped
        | FailureCode::ConnectionLost
        | FailureCode::TimedOut
        | FailureCode::Interrupted => Kind::GenerationFailed,
    }
}
