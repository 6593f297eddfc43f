//! JSON values that keep to a schema.

use serde_json::Value;

use super::{
    composer::Composer,
    limits::{is_type, number, variants},
    lists::ListPlan,
};
use crate::gemini::json::{entries, members};

/// How deep a value may be nested.
const DEEPEST: usize = 16;

impl Composer<'_> {
    /// Writes a value for the `index`-th member or entry, which has this name or stands in a list of this name.
    pub(super) fn value(
        &mut self,
        schema: &Value,
        name: &str,
        index: usize,
        depth: usize,
        out: &mut String,
    ) {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(path) => self
                .root
                .pointer(path.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            None => schema,
        };
        if depth > DEEPEST {
            out.push_str("null");
            return;
        }
        let variants = variants(schema);
        if !variants.is_empty() {
            let at = self.rng.usize(..variants.len());
            out.push_str(&variants[(at + index) % variants.len()].to_string());
            return;
        }
        if let Some(choice) = choice(schema) {
            self.value(choice, name, index, depth + 1, out);
            return;
        }
        match type_of(schema).as_str() {
            "object" => self.object(schema, depth, out),
            "array" => self.array(schema, name, depth, out),
            "integer" => out.push_str(&(self.number(schema, name).round() as i64).to_string()),
            "number" => {
                let rounded = (self.number(schema, name) * 100.0).round() / 100.0;
                out.push_str(&Value::from(rounded).to_string());
            }
            "boolean" => out.push_str(if self.rng.bool() { "true" } else { "false" }),
            "null" => out.push_str("null"),
            _ => out.push_str(&Value::from(self.string(schema, name, index)).to_string()),
        }
    }

    /// Writes the members in the order that the schema wants.
    fn object(&mut self, schema: &Value, depth: usize, out: &mut String) {
        let ordered = entries(schema, "propertyOrdering").chain(entries(schema, "required"));
        let names = ordered.filter_map(Value::as_str);
        let names = names.chain(members(schema, "properties").map(|(name, _)| name.as_str()));
        let properties = schema.get("properties").unwrap_or(&Value::Null);
        // What has a title is about one thing.
        let outer = self.current.clone();
        if properties.get("title").is_some() {
            self.current = None;
            self.current = Some(self.subject());
        }
        let mut done: Vec<&str> = Vec::new();
        out.push('{');
        for name in names {
            let Some(property) = properties.get(name).filter(|_| !done.contains(&name)) else {
                continue;
            };
            if !done.is_empty() {
                out.push(',');
            }
            out.push_str(&Value::from(name).to_string());
            out.push(':');
            self.value(property, name, done.len(), depth + 1, out);
            done.push(name);
        }
        out.push('}');
        self.current = outer;
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize, out: &mut String) {
        let plan = self.plan_list(schema, name);
        let entries = match &plan.choices {
            None => self.made_up(schema, name, depth, &plan),
            Some(choices) if choices.is_empty() => Vec::new(),
            Some(choices) => {
                let from = self.rng.usize(..choices.len());
                let n = plan.wanted.min(choices.len()).max(plan.min);
                choices.iter().cycle().skip(from).take(n).cloned().collect()
            }
        };
        out.push('[');
        out.push_str(&entries.join(","));
        out.push(']');
    }

    /// Entries that differ from each other, if they are texts.
    fn made_up(
        &mut self,
        schema: &Value,
        name: &str,
        depth: usize,
        plan: &ListPlan,
    ) -> Vec<String> {
        let items = schema.get("items").unwrap_or(&Value::Null);
        let mut entries: Vec<String> = Vec::new();
        for n in 0..plan.wanted {
            let mut entry = String::new();
            for _ in 0..8 {
                entry.clear();
                self.value(items, name, n, depth + 1, &mut entry);
                if !plan.is_text || !entries.contains(&entry) {
                    break;
                }
            }
            let is_repeated = plan.is_text && entries.contains(&entry);
            if !is_repeated || entries.len() < plan.min {
                entries.push(entry);
            }
        }
        entries
    }

    fn number(&mut self, schema: &Value, name: &str) -> f64 {
        let name = name.to_lowercase();
        let usual = if name.contains("second") || name.contains("duration") {
            40.0
        } else if name.contains("confidence") || name.contains("probab") {
            0.7
        } else {
            3.0
        };
        match (number(schema, "minimum"), number(schema, "maximum")) {
            (Some(min), Some(max)) if usual < min || usual > max => {
                min + (max - min) * (0.3 + 0.4 * self.rng.f64())
            }
            (Some(min), _) if usual < min => min,
            (_, Some(max)) if usual > max => max,
            _ => usual,
        }
    }
}

/// The first alternative of a schema that is not null.
fn choice(schema: &Value) -> Option<&Value> {
    ["anyOf", "oneOf"].into_iter().find_map(|list| {
        let not_null = entries(schema, list).find(|choice| !is_type(choice, "null"));
        not_null.or_else(|| entries(schema, list).next())
    })
}

/// The type of a schema, in small letters.
fn type_of(schema: &Value) -> String {
    let named = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => {
            let named = kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null");
            named.or(Some("null"))
        }
        _ => None,
    };
    let has_properties = schema.get("properties").is_some();
    named
        .unwrap_or(if has_properties { "object" } else { "string" })
        .to_lowercase()
}
