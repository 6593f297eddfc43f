//! Partial responses: the `fields` parameter.

use serde_json::{Map, Value};

/// A selection of fields: names, each with a selection below it (none: everything).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection(Vec<(String, Option<Selection>)>);

impl Selection {
    /// Reads `a,b/c,d(e,f/g)`.
    pub(super) fn parse(mut text: &str) -> Option<Self> {
        let selection = list(&mut text)?;
        text.is_empty().then_some(selection)
    }

    pub(super) fn prune(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.prune(item)).collect(),
            Value::Object(object) => self.prune_object(object),
            other => other,
        }
    }

    fn prune_object(&self, object: Map<String, Value>) -> Value {
        let keep = |(name, member): (String, Value)| {
            let chosen = self
                .0
                .iter()
                .filter(|(wanted, _)| *wanted == name || wanted == "*");
            let below: Vec<&Option<Self>> = chosen.map(|(_, below)| below).collect();
            if below.is_empty() {
                return None;
            }
            if below.contains(&&None) {
                return Some((name, member));
            }
            let all = below
                .into_iter()
                .flatten()
                .flat_map(|below| below.0.clone());
            Some((name, Self(all.collect()).prune(member)))
        };
        Value::Object(object.into_iter().filter_map(keep).collect())
    }
}

fn list(rest: &mut &str) -> Option<Selection> {
    let mut selection = Selection::default();
    loop {
        selection.0.push(entry(rest)?);
        if !take(rest, ',') {
            return Some(selection);
        }
    }
}

/// One name with what is below it.
fn entry(rest: &mut &str) -> Option<(String, Option<Selection>)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_*-".contains(c);
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (name, after) = rest
        .split_at_checked(end)
        .filter(|(name, _)| !name.is_empty())?;
    *rest = after;
    let below = if take(rest, '(') {
        let below = list(rest)?;
        take(rest, ')').then_some(())?;
        Some(below)
    } else if take(rest, '/') {
        Some(Selection(vec![entry(rest)?]))
    } else {
        None
    };
    Some((name.to_owned(), below))
}

/// Takes a character off the beginning, if it is there.
fn take(rest: &mut &str, expected: char) -> bool {
    let after = rest.strip_prefix(expected);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Selection;

    #[test]
    fn a_selection_keeps_what_it_names_and_nothing_else() {
        let value = json!({"kind": "k", "nextPageToken": "t", "items": [{"id": "1", "statistics": {"viewCount": "5", "likeCount": "1"}, "snippet": {"title": "x", "tags": []}}]});
        let selection =
            Selection::parse("items(id,statistics/viewCount,snippet(title)),nextPageToken");
        let chosen = selection.map(|selection| selection.prune(value));
        assert_eq!(
            chosen,
            Some(
                json!({"nextPageToken": "t", "items": [{"id": "1", "statistics": {"viewCount": "5"}, "snippet": {"title": "x"}}]})
            )
        );
    }

    #[test]
    fn a_bad_selection_is_no_selection() {
        for text in ["", "items(", "items)", "a,,b", "a/"] {
            assert_eq!(Selection::parse(text), None, "{text}");
        }
    }
}
