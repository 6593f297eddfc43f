//! JSON Schemas: `responseJsonSchema`.

use serde_json::Value;

use crate::{
    failure::Failure,
    gemini::{
        errors::invalid,
        json::{entries, members},
    },
};

const KEYWORDS: &str = "$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum \
                        maximum anyOf oneOf properties additionalProperties required propertyOrdering";

pub(super) fn check(schema: &Value, path: &str, depth: usize) -> Result<(), Failure> {
    if schema.is_boolean() || depth > 24 {
        return Ok(());
    }
    let Some(keywords) = schema.as_object() else {
        return Err(invalid(&format!("Invalid value at '{path}'.")));
    };
    let is_known = |key: &str| KEYWORDS.split(' ').any(|keyword| keyword == key);
    if let Some(key) = keywords.keys().find(|key| !is_known(key)) {
        return Err(invalid(&format!(
            "The JSON schema at '{path}' has the unsupported keyword \"{key}\"."
        )));
    }
    if keywords.contains_key("$ref") && keywords.keys().any(|key| !key.starts_with('$')) {
        let message = format!("The JSON schema at '{path}' has a $ref beside other keywords.");
        return Err(invalid(&message));
    }
    for list in ["properties", "$defs"] {
        for (name, one) in members(schema, list) {
            check(one, &format!("{path}.{list}.{name}"), depth + 1)?;
        }
    }
    let single = ["items", "additionalProperties"]
        .into_iter()
        .filter_map(|name| schema.get(name));
    let listed = ["anyOf", "oneOf", "prefixItems"].into_iter();
    let listed = listed.flat_map(|list| entries(schema, list));
    single
        .chain(listed)
        .try_for_each(|one| check(one, path, depth + 1))
}
