//! Schemas for the OpenAPI document.

use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// Names and schemas that a type brings into the document.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// The name of a type's schema, and all schemas that it needs.
pub(super) fn schema_of<T: ToSchema>() -> (String, Schemas) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    (T::name().into_owned(), schemas)
}
