//! One field, parameter or part of the path that is not acceptable.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::Schema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type};

/// Longest value that is shown again, in characters of its JSON.
const LONGEST_VALUE: usize = 200;

fn any_value() -> Schema {
    let plain = || {
        let kinds = [
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Object,
            Type::Null,
        ];
        ObjectBuilder::new().schema_type(SchemaType::Array(kinds.to_vec()))
    };
    let value = OneOfBuilder::new()
        .item(plain())
        .item(ArrayBuilder::new().items(plain()))
        .description(Some(
            "The value that was given, unless it is long or absent.",
        ))
        .build();
    Schema::OneOf(value)
}

/// One field, parameter or part of the path that is not acceptable. It has either a `pointer` or a `parameter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body (RFC 6901); empty for the body as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
    /// Name of a query parameter, or of a placeholder of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parameter: Option<String>,
    /// The rule: what would be right.
    pub message: String,
    /// The value that was given, unless it is long or absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = any_value, required = false)]
    pub value: Option<Value>,
    /// What may stand there: the names of fields, or the values of an enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub allowed: Vec<String>,
    /// The one of `allowed` that is most like what was given, if any is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closest: Option<String>,
}

impl FieldError {
    /// A field of the body, and its rule.
    pub fn field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            message: message.into(),
            ..Self::default()
        }
    }

    /// A parameter, and its rule.
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            parameter: Some(name.into()),
            message: message.into(),
            ..Self::default()
        }
    }

    /// Shows the value again, if it is short.
    pub fn with_value(mut self, value: Option<Value>) -> Self {
        self.value = value.filter(|value| value.to_string().chars().count() <= LONGEST_VALUE);
        self
    }

    /// Says what may have been meant.
    pub fn with_closest(mut self, closest: Option<&str>) -> Self {
        self.closest = closest.map(ToOwned::to_owned);
        self
    }

    /// What people call it: `brand_voice.structure.0`, `limit`, `the body`.
    pub fn name(&self) -> String {
        let pointer = self.pointer.as_deref().unwrap_or_default();
        match (&self.parameter, pointer.trim_start_matches('/')) {
            (Some(name), _) => name.clone(),
            (None, "") => "The body".to_owned(),
            (None, name) => name.replace('/', "."),
        }
    }

    /// It in a sentence.
    pub fn sentence(&self) -> String {
        format!("{} {}.", self.name(), self.message)
    }
}
