//! Schemas of the OpenAPI document, and shapes of text that several bodies share. The shapes stand for `String` in
//! `#[schema(value_type = …)]`; the checks themselves are made where the bodies are read.

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

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident ($($rule:tt)*);)*) => {$(
        $(#[$doc])*
        #[derive(Debug, ToSchema)]
        #[schema($($rule)*)]
        #[expect(dead_code, reason = "describes a String")]
        pub struct $name(String);
    )*};
}

shapes! {
    /// 1 to 100 characters and not only blanks.
    Topic(min_length = 1, max_length = 100, pattern = r"\S");
    /// 1 to 500 characters and not only blanks.
    Entry(min_length = 1, max_length = 500, pattern = r"\S");
    /// 1 to 2,000 characters and not only blanks.
    Block(min_length = 1, max_length = 2000, pattern = r"\S");
    /// A title of a video: one line without angle brackets and control characters, and not only blanks.
    VideoTitle(min_length = 1, max_length = 100, pattern = r"^[^<>\x00-\x1f\x7f-\x9f]*[^<>\s\x00-\x1f\x7f-\x9f][^<>\x00-\x1f\x7f-\x9f]*$");
    /// A date and a time on the clocks of a zone.
    LocalDateTime(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$");
    /// A tag of a video: no commas, quotation marks, angle brackets or control characters.
    Tag(min_length = 1, max_length = 463, pattern = r#"^[^,<>"\x00-\x1f\x7f-\x9f]*[^,<>"\s\x00-\x1f\x7f-\x9f][^,<>"\x00-\x1f\x7f-\x9f]*$"#);
}
