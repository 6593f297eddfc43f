//! The codes as the OpenAPI document shows them.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::Kind;

impl PartialSchema for Kind {
    fn schema() -> RefOr<Schema> {
        let codes = Self::ALL.iter().map(|kind| kind.code());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(codes))
            .description(Some(
                "Says what a problem is about. `docs/errors.md` has the meanings.",
            ))
            .into()
    }
}

impl ToSchema for Kind {
    fn name() -> Cow<'static, str> {
        "ProblemCode".into()
    }
}
