//! An answer as the model writes it.

use serde::{Deserialize, de::DeserializeOwned};

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

/// One line without white space around it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
