//! The rules of the whole API, checked of every declared operation: a new one cannot break them.

use serde_json::Value;

use super::documented::Documented;
use super::openapi::document;
use super::{all, declarations};
use platform::endpoint::{Access, Caching, Declaration, Verb};

/// The verbs that operation ids begin with, by method.
const VERBS: [(Verb, &[&str]); 4] = [
    (Verb::Get, &["get", "list", "read", "export", "receive"]),
    (
        Verb::Post,
        &[
            "connect", "create", "dispatch", "estimate", "finish", "generate", "receive", "replay",
            "resolve", "rotate", "schedule", "sync", "test",
        ],
    ),
    (Verb::Patch, &["update"]),
    (Verb::Delete, &["delete", "cancel", "archive"]),
];

/// Words that are said in another way here.
const OTHER_WORDS: [(&str, &str); 4] = [
    ("dead letter", "failed step"),
    ("take-out", "export"),
    ("revoke", "delete"),
    ("feed", "calendar"),
];

/// Names whose unit the names themselves have always left out: monitors outside read them (docs/monitoring.md).
const AGREED: [&str; 3] = ["response_time", "memory_usage", "uptime"];

/// Endings and words of names that hold a number with a unit.
const UNITLESS: [&str; 9] = [
    "_time", "duration", "latency", "timeout", "age", "bytes", "size", "memory", "uptime",
];

/// Collects what breaks a rule.
struct Faults(Vec<String>);

impl Faults {
    fn want(&mut self, holds: bool, of: &str, rule: &str) {
        if !holds {
            self.0.push(format!("{of}: {rule}"));
        }
    }
}

#[test]
fn every_operation_keeps_the_rules() {
    let document = document();
    let mut faults = Faults(Vec::new());
    for operation in all() {
        let declaration = operation.declaration();
        if declaration.described_elsewhere {
            continue;
        }
        let verb = declaration.verb.as_str().to_lowercase();
        let documented = &document["paths"][declaration.path][verb];
        names(declaration, documented, &mut faults);
        repetition(declaration, &mut faults);
        deletion(operation, documented, &mut faults);
        lists(operation, documented, &mut faults);
        versions(declaration, &mut faults);
        changes(operation, &document, &mut faults);
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        units(name, schema, &mut faults);
        let values = schema["enum"].as_array().into_iter().flatten();
        for value in values.filter_map(Value::as_str) {
            faults.want(
                !value.contains(char::is_uppercase),
                name,
                &format!("{value} is written in lower case"),
            );
        }
    }
    assert_eq!(faults.0, Vec::<String>::new());
}

fn names(declaration: &Declaration, documented: &Value, faults: &mut Faults) {
    let id = declaration.id;
    let (_, verbs) = VERBS
        .iter()
        .find(|(verb, _)| *verb == declaration.verb)
        .unwrap();
    let verb: String = id.chars().take_while(char::is_ascii_lowercase).collect();
    faults.want(
        verbs.contains(&verb.as_str()) && id.len() > verb.len(),
        id,
        "an operation id is a verb of its method and a noun",
    );
    let text = format!("{} {}", declaration.summary, declaration.description).to_lowercase();
    for (other, ours) in OTHER_WORDS {
        faults.want(
            !text.contains(other),
            id,
            &format!("{other} is called {ours}"),
        );
    }
    faults.want(
        declaration.summary.ends_with('.'),
        id,
        "a summary is a sentence",
    );
    let tags = documented["tags"].as_array().unwrap();
    faults.want(
        tags.len() == 1,
        id,
        "an operation has the tag of its resource",
    );
}

/// What creates, spends or sends is done once under its key; what takes no key says why it may be sent twice.
fn repetition(declaration: &Declaration, faults: &mut Faults) {
    let is_users_post = declaration.verb == Verb::Post && declaration.access.signs_in();
    faults.want(
        !is_users_post || declaration.idempotent == declaration.repeatable.is_empty(),
        declaration.id,
        "a POST is idempotent, or says why it is repeatable",
    );
    faults.want(
        is_users_post || !declaration.idempotent,
        declaration.id,
        "only a POST takes an Idempotency-Key",
    );
}

fn deletion(operation: &dyn Documented, documented: &Value, faults: &mut Faults) {
    let declaration = operation.declaration();
    if declaration.verb != Verb::Delete {
        return;
    }
    let id = declaration.id;
    let later = declaration.also;
    faults.want(
        declaration.status == 204 && operation.answer().is_none(),
        id,
        "DELETE answers 204 without a body",
    );
    faults.want(
        later
            .iter()
            .all(|also| also.status == 202 && also.body.is_none()),
        id,
        "beside 204, DELETE answers 202 without a body",
    );
    faults.want(
        later.is_empty() || !documented["responses"]["202"]["headers"]["Location"].is_null(),
        id,
        "202 says where to follow",
    );
}

fn lists(operation: &dyn Documented, documented: &Value, faults: &mut Faults) {
    let declaration = operation.declaration();
    let id = declaration.id;
    let answer = operation.answer().map(|(name, _)| name).unwrap_or_default();
    let is_list = answer.ends_with("Page");
    faults.want(
        is_list == (id.starts_with("list") && declaration.verb == Verb::Get),
        id,
        "what lists answers a page, and nothing else does",
    );
    if !is_list {
        return;
    }
    let parameter = |name: &str| {
        let mut parameters = documented["parameters"].as_array().unwrap().iter();
        parameters
            .find(|one| one["name"] == name && one["in"] == "query")
            .cloned()
    };
    let limit = parameter("limit").unwrap_or_default();
    faults.want(
        limit["schema"]["default"] == 25
            && limit["schema"]["minimum"] == 1
            && limit["schema"]["maximum"] == 100
            && limit["required"] != true,
        id,
        "limit is 1 to 100, and 25 when not given",
    );
    let cursor = parameter("cursor").unwrap_or_default();
    faults.want(
        cursor["description"] == "`next_cursor` of the page before." && cursor["required"] != true,
        id,
        "cursor is next_cursor of the page before",
    );
    faults.want(
        declaration.order.ends_with('.'),
        id,
        "a list says what it is ordered by",
    );
    let sort = parameter("sort");
    faults.want(
        sort.is_some() == declaration.order.contains("`sort`"),
        id,
        "where sort is taken, the order says so",
    );
    if let Some(sort) = sort {
        faults.want(
            sort["schema"]["default"].is_string() && sort["schema"]["enum"].is_array(),
            id,
            "sort has values and a default",
        );
    }
}

/// What can be changed is read, changed and deleted by version; what a user reads can be asked for again by its tag.
fn versions(declaration: &Declaration, faults: &mut Faults) {
    let id = declaration.id;
    let has =
        |verb| declarations().find(|other| other.verb == verb && other.path == declaration.path);
    match declaration.verb {
        Verb::Patch => faults.want(
            declaration.editable && has(Verb::Get).is_some_and(|get| get.editable),
            id,
            "what is changed is read and changed by version",
        ),
        Verb::Delete => faults.want(
            declaration.editable == has(Verb::Patch).is_some(),
            id,
            "what is changed by version is deleted by version",
        ),
        Verb::Get => {
            let is_json = declaration.produces == "application/json";
            let is_users = declaration.access == Access::User && is_json;
            faults.want(
                is_users == declaration.caching.is_some(),
                id,
                "what a user reads has an ETag",
            );
            faults.want(
                !declaration.editable || declaration.caching == Some(Caching::Revalidated),
                id,
                "what can be changed is asked for each time",
            );
        }
        Verb::Post => faults.want(!declaration.editable, id, "a POST has no version"),
    }
}

/// A field that is absent stays, and null clears exactly what the document lets be null.
fn changes(operation: &dyn Documented, document: &Value, faults: &mut Faults) {
    let declaration = operation.declaration();
    if declaration.verb != Verb::Patch {
        return;
    }
    let id = declaration.id;
    let (name, _) = operation.body().unwrap();
    faults.want(
        name.ends_with("Changes"),
        id,
        "the body of a PATCH is called Changes",
    );
    let schema = &document["components"]["schemas"][&name];
    faults.want(
        schema["additionalProperties"] == false,
        id,
        "a PATCH takes no unknown field",
    );
    let properties = schema["properties"].as_object().unwrap();
    for (field, property) in properties {
        let mut body = serde_json::json!({ field: null });
        // What has to be given is given.
        for required in schema["required"].as_array().into_iter().flatten() {
            let required = required.as_str().unwrap();
            if required != field {
                body[required] = true.into();
            }
        }
        let refused = operation.read_body(&body).err();
        let nullable = is_nullable(property);
        faults.want(
            refused.is_none() == nullable,
            id,
            &format!(
                "null for {field} is taken: {}, and documented: {nullable}",
                refused.is_none()
            ),
        );
        if let Some(problem) = refused {
            let pointer = problem.into_body("r").errors.first().cloned();
            let pointer = pointer.and_then(|error| error.pointer);
            faults.want(
                pointer.as_deref() == Some(&format!("/{field}")),
                id,
                &format!("the problem of a null points at {field}"),
            );
        }
    }
}

fn is_nullable(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    match &schema["type"] {
        Value::Array(kinds) if kinds.iter().any(is_null) => return true,
        kind if is_null(kind) => return true,
        _ => {}
    }
    ["oneOf", "anyOf"].iter().any(|list| {
        let options = schema[*list].as_array();
        options.is_some_and(|options| options.iter().any(is_nullable))
    })
}

/// A number with a unit says it in its name.
fn units(name: &str, schema: &Value, faults: &mut Faults) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (field, property) in properties {
        let is_number = ["integer", "number"].iter().any(|kind| {
            property["type"] == *kind
                || property["type"]
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&Value::from(*kind)))
        });
        if !is_number || AGREED.contains(&field.as_str()) {
            continue;
        }
        let ends = |word: &&str| field == *word || field.ends_with(&format!("_{word}"));
        let is_bare = UNITLESS.iter().any(|word| {
            let word = word.trim_start_matches('_');
            ends(&word) && !field.ends_with("_bytes")
        });
        faults.want(!is_bare, name, &format!("{field} names its unit"));
        faults.want(
            !field.ends_with("_usd") && !field.ends_with("_cents"),
            name,
            &format!("{field}: money is in millionths of a US dollar, _micros"),
        );
    }
}
