//! JSON values that keep to a schema.

use serde_json::Value;

use super::composer::Composer;
use super::prompt_facts::is_reference;
use crate::gemini::json::{count, entries, is_type, members, number, text, variants};

/// How deep a value may be nested.
const DEEPEST: usize = 16;

impl Composer<'_> {
    /// Writes a value for the `index`-th member or entry, which has this name or stands in a list of this name.
    pub(crate) fn value(
        &mut self,
        schema: &Value,
        name: &str,
        index: usize,
        depth: usize,
        out: &mut String,
    ) {
        if depth > DEEPEST {
            return out.push_str("null");
        }
        let target = text(schema, "$ref").map(|path| path.trim_start_matches('#'));
        let target = target.map(|path| self.root.pointer(path).unwrap_or(&Value::Null));
        let schema = target.unwrap_or(schema);
        let variants = variants(schema);
        if !variants.is_empty() {
            let at = self.rng.usize(..variants.len());
            return out.push_str(&variants[(at + index) % variants.len()].to_string());
        }
        if let Some(choice) = choice(schema) {
            return self.value(choice, name, index, depth + 1, out);
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
            *out += &format!("{}:", Value::from(name));
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
        *out += &format!("[{}]", entries.join(","));
    }

    /// Entries that differ from each other, if they are texts.
    fn made_up(
        &mut self,
        schema: &Value,
        name: &str,
        depth: usize,
        plan: &ListPlan,
    ) -> Vec<String> {
        let items = &schema["items"];
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
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let usual = if has(&["second", "duration"]) {
            40.0
        } else if has(&["confidence", "probab"]) {
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
    let usual = if schema["properties"].is_null() {
        "string"
    } else {
        "object"
    };
    let kind = match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut named = kinds.iter().filter_map(Value::as_str);
            named.find(|kind| *kind != "null").unwrap_or("null")
        }
        _ => usual,
    };
    kind.to_lowercase()
}

/// What a list is to hold.
pub(crate) struct ListPlan {
    /// How many entries.
    pub(crate) wanted: usize,
    pub(crate) min: usize,
    /// Whether the entries are texts, which are not repeated.
    pub(crate) is_text: bool,
    /// JSON texts to choose from; none for made-up entries.
    pub(crate) choices: Option<Vec<String>>,
}

impl Composer<'_> {
    fn plan_list(&self, schema: &Value, name: &str) -> ListPlan {
        let name = name.to_lowercase();
        let items = &schema["items"];
        let is_text = !items["type"].is_string() || is_type(items, "string");
        let refers = is_text && is_reference(&name);
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let usual = if refers {
            2
        } else if has(&["tag", "keyword"]) {
            8
        } else if has(&["beat", "scene", "line"]) {
            self.facts.beats()
        } else {
            3
        };
        let min = count(schema, "minItems").unwrap_or(0);
        let max = count(schema, "maxItems").unwrap_or(usize::MAX);
        let wanted = self
            .facts
            .entries_wanted(&name)
            .unwrap_or(usual)
            .max(min)
            .min(max);
        let choices = match variants(items) {
            // Without ids there is nothing to refer to.
            [] if refers && (min == 0 || !self.facts.ids.is_empty()) => {
                let quoted = |id: &String| Value::from(id.as_str()).to_string();
                Some(self.facts.ids.iter().map(quoted).collect())
            }
            [] => None,
            listed => Some(listed.iter().map(Value::to_string).collect()),
        };
        ListPlan {
            wanted,
            min,
            is_text,
            choices,
        }
    }
}
