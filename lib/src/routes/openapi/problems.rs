//! Which problems an operation can answer with.

use platform::endpoint::{Access, Kind, Limit, Verb};

use super::super::documented::Documented;

/// Every problem the operation can answer with: its own and those its declaration implies.
#[must_use]
pub fn kinds(operation: &dyn Documented) -> Vec<Kind> {
    let declaration = operation.declaration();
    let mut kinds = declaration.problems.to_vec();
    kinds.extend([
        Kind::InvalidQuery,
        Kind::MethodNotAllowed,
        Kind::BodyTooLarge,
        Kind::Internal,
        Kind::DatabaseUnavailable,
        Kind::DeadlineExceeded,
    ]);
    if declaration.access != Access::Public {
        kinds.extend([Kind::TokenMissing, Kind::TokenInvalid]);
    }
    if matches!(declaration.access, Access::User | Access::Admin) {
        kinds.push(Kind::TokenExpired);
    }
    if declaration.access == Access::Admin {
        kinds.push(Kind::AdminOnly);
    }
    if declaration.limit != Limit::None {
        kinds.push(Kind::RateLimited);
    }
    if declaration.placeholders().next().is_some() {
        kinds.extend([Kind::InvalidId, Kind::NotFound]);
    }
    if operation.body().is_some() {
        kinds.extend([
            Kind::InvalidJson,
            Kind::InvalidBody,
            Kind::UnsupportedMediaType,
        ]);
    }
    if matches!(declaration.verb, Verb::Post | Verb::Patch | Verb::Delete) {
        kinds.push(Kind::InvalidBody);
    }
    if declaration.idempotent {
        kinds.extend([
            Kind::InvalidHeader,
            Kind::IdempotencyKeyReused,
            Kind::RequestInProgress,
        ]);
    }
    if declaration.editable && declaration.verb != Verb::Get {
        kinds.extend([Kind::InvalidHeader, Kind::VersionMismatch]);
    }
    kinds
}
