//! An answer as the model writes it.

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

#[derive(Deserialize)]
pub(super) struct Ideas {
    pub(super) ideas: Vec<Idea>,
}

#[derive(Deserialize)]
pub(super) struct Idea {
    pub(super) title: String,
    pub(super) angle: String,
    pub(super) why: String,
    #[serde(default)]
    pub(super) inspired_by: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Titles {
    pub(super) titles: Vec<Title>,
}

#[derive(Deserialize)]
pub(super) struct Title {
    pub(super) title: String,
    pub(super) why: String,
    #[serde(default)]
    pub(super) inspired_by: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Script {
    pub(super) title: String,
    pub(super) hook: String,
    pub(super) beats: Vec<Beat>,
    pub(super) call_to_action: String,
}

#[derive(Deserialize)]
pub(super) struct Beat {
    pub(super) heading: String,
    pub(super) spoken: String,
    pub(super) visual: String,
}

#[derive(Deserialize)]
pub(super) struct Description {
    pub(super) description: String,
    #[serde(default)]
    pub(super) chapters: Vec<String>,
    pub(super) tags: Vec<String>,
}

/// Reads an answer. Returns the rule that it breaks when it is not of the form.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let not_one_value = || "the answer must be one JSON value and nothing else".to_owned();
    let text = object_in(text).unwrap_or(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        if error.into_inner().is_data() {
            format!("{path} is not of the form that the schema asks for")
        } else {
            not_one_value()
        }
    })?;
    reader.end().map_err(|_| not_one_value())?;
    Ok(value)
}

/// The one object in a text with words around it: models put it into a Markdown fence or introduce it, whatever they were
/// asked for. None when there are several, or when it is part of something else.
fn object_in(text: &str) -> Option<&str> {
    let object_at = |start: usize| {
        let mut values =
            serde_json::Deserializer::from_str(&text[start..]).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(start + values.byte_offset())
    };
    let mut starts = text.match_indices('{').map(|(start, _)| start).take(20);
    let (start, end) = starts.find_map(|start| Some((start, object_at(start)?)))?;
    let (before, after) = (text[..start].trim_end(), text[end..].trim_start());
    let is_part = before.ends_with('[') || after.starts_with([',', ':', '}', ']']);
    let rest = text.len() - after.len();
    let mut others = after.match_indices('{').take(20);
    let is_one = !others.any(|(place, _)| object_at(rest + place).is_some());
    (!is_part && is_one).then(|| &text[start..end])
}

/// One line without white space around it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
