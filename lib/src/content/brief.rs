//! What is asked for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::kind::{ContentKind, Form};
use platform::endpoint::{Kind, Problem};
use platform::ids::ChannelId;

/// Seconds that a Short has at most.
const LONGEST_SHORT: u32 = 180;

/// What to generate.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateBody {
    /// For which channel.
    pub channel_id: ChannelId,
    /// What the video is about; at most 300 characters. Needed where nothing else says it.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub topic: Option<String>,
    /// Anything the writer should know; at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub notes: Option<String>,
    /// For whom, when it is not the channel's usual audience; at most 200 characters.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub audience: Option<String>,
    /// BCP 47 language, when it is not the channel's.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9-]{2,35}$", example = "pt-BR")]
    pub language: Option<String>,
    /// `short` or `long`; unless said otherwise the form of what works best on the channel. Only videos of the same form
    /// are taken as inspiration.
    #[serde(default)]
    pub form: Option<Form>,
    /// How long the video should be, in seconds: 15 to 3600. A Short has at most 180.
    #[serde(default)]
    #[schema(minimum = 15, maximum = 3600)]
    pub target_seconds: Option<u32>,
    /// How many ideas (3 to 10) or titles (5 to 10).
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10)]
    pub count: Option<u32>,
    /// The content it builds on: an idea or a script for titles, an idea or titles for a script, a script for a
    /// description.
    #[serde(default)]
    pub source_id: Option<Uuid>,
    /// Which item of the source's list, counted from 0; the approved one unless said otherwise.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub source_item: Option<u32>,
    /// Writes this content anew, as its next revision. What the body does not say is taken from its brief.
    #[serde(default)]
    pub regenerate: Option<Uuid>,
    /// With `regenerate`: only this part of the output, the rest stays (`hook`, `beats`, `call_to_action`, `title` of a
    /// script; `description` or `tags` of a description).
    #[serde(default)]
    pub part: Option<String>,
    /// The model's seed; drawn at random and recorded unless given.
    #[serde(default)]
    pub seed: Option<i32>,
}

/// The brief as it is stored and as the model is told: what is not set is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What the video is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Anything the writer should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// BCP 47 language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Form of the video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Length of the video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_seconds: Option<u32>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl Brief {
    /// What the body says, and where it says nothing what `earlier` said.
    #[must_use]
    pub fn of(body: &GenerateBody, earlier: Option<&Self>) -> Self {
        let none = Self::default();
        let earlier = earlier.unwrap_or(&none);
        let text = |new: &Option<String>, old: &Option<String>| {
            let new = new
                .as_ref()
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
            new.or_else(|| old.clone())
        };
        let target_seconds = body.target_seconds.or(earlier.target_seconds);
        Self {
            topic: text(&body.topic, &earlier.topic),
            notes: text(&body.notes, &earlier.notes),
            audience: text(&body.audience, &earlier.audience),
            language: text(&body.language, &earlier.language),
            // So long a video is no Short, whatever else works on the channel.
            form: body.form.or(earlier.form).or(target_seconds
                .filter(|seconds| *seconds > LONGEST_SHORT)
                .map(|_| Form::Long)),
            target_seconds,
            count: body.count.or(earlier.count),
        }
    }

    /// The form of the video.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form.unwrap_or(Form::Long)
    }

    /// The length to aim for.
    #[must_use]
    pub fn seconds(&self) -> u32 {
        self.target_seconds.unwrap_or(match self.form() {
            Form::Short => 45,
            Form::Long => 360,
        })
    }

    /// How many items to write.
    #[must_use]
    pub fn count(&self, kind: ContentKind) -> u32 {
        self.count
            .unwrap_or(if kind == ContentKind::Ideas { 5 } else { 8 })
    }

    /// What the user wrote, to be searched for banned topics, with the place it came from.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("/topic", &self.topic),
            ("/notes", &self.notes),
            ("/audience", &self.audience),
        ]
        .into_iter()
        .filter_map(|(pointer, text)| Some((pointer, text.as_deref()?)))
    }

    /// Checks lengths and ranges.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with every field that is not acceptable.
    pub fn check(&self, kind: ContentKind) -> Result<(), Problem> {
        let mut wrong: Vec<(&str, String)> = Vec::new();
        for (pointer, text, max) in [
            ("/topic", &self.topic, 300),
            ("/notes", &self.notes, 2000),
            ("/audience", &self.audience, 200),
        ] {
            let length = text.as_ref().map_or(0, |text| text.chars().count());
            if length > max {
                wrong.push((
                    pointer,
                    format!("must be at most {max} characters, it has {length}"),
                ));
            }
        }
        if self
            .language
            .as_deref()
            .is_some_and(|language| !is_language(language))
        {
            wrong.push((
                "/language",
                "must be a BCP 47 language tag, for example \"en\" or \"pt-BR\"".to_owned(),
            ));
        }
        if let Some(seconds) = self.target_seconds {
            let longest = if self.form() == Form::Short {
                LONGEST_SHORT
            } else {
                3600
            };
            if !(15..=longest).contains(&seconds) {
                wrong.push((
                    "/target_seconds",
                    format!("must lie between 15 and {longest}"),
                ));
            }
        }
        if let Some(count) = self.count {
            let range = match kind {
                ContentKind::Ideas => 3..=10,
                ContentKind::Titles => 5..=10,
                ContentKind::Script | ContentKind::Description => 1..=1,
            };
            if !range.contains(&count) {
                wrong.push((
                    "/count",
                    format!("must lie between {} and {}", range.start(), range.end()),
                ));
            }
        }
        refuse(wrong)
    }
}

/// Refuses a body for these fields, or lets it through when there are none.
pub(super) fn refuse(wrong: Vec<(&str, String)>) -> Result<(), Problem> {
    if wrong.is_empty() {
        return Ok(());
    }
    let sentences: Vec<String> = wrong
        .iter()
        .map(|(pointer, rule)| format!("{} {rule}.", &pointer[1..]))
        .collect();
    let problem = Problem::new(Kind::InvalidBody).detail(sentences.join(" "));
    Err(wrong.into_iter().fold(problem, |problem, (pointer, rule)| {
        problem.pointer(pointer, rule)
    }))
}

fn is_language(text: &str) -> bool {
    (2..=35).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: serde_json::Value) -> GenerateBody {
        let mut value = value;
        value["channel_id"] = json!("00000000-0000-4000-8000-000000000001");
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_regeneration_keeps_what_it_does_not_change() {
        let earlier = Brief {
            topic: Some("Cabins".to_owned()),
            target_seconds: Some(60),
            ..Brief::default()
        };
        let brief = Brief::of(
            &body(json!({"notes": " shorter ", "topic": "  "})),
            Some(&earlier),
        );
        assert_eq!(brief.topic.as_deref(), Some("Cabins"));
        assert_eq!(brief.notes.as_deref(), Some("shorter"));
        assert_eq!(brief.seconds(), 60);
    }

    #[test]
    fn every_field_out_of_range_is_named() {
        let brief = Brief::of(
            &body(
                json!({"topic": "x".repeat(301), "language": "English please", "form": "short", "target_seconds": 181, "count": 4}),
            ),
            None,
        );
        let problem = brief.check(ContentKind::Titles).unwrap_err().into_body("r");
        let pointers: Vec<_> = problem
            .errors
            .iter()
            .map(|error| error.pointer.as_str())
            .collect();
        assert_eq!(
            pointers,
            ["/topic", "/language", "/target_seconds", "/count"]
        );
        assert!(Brief::default().check(ContentKind::Script).is_ok());
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let wrong = serde_json::from_value::<GenerateBody>(
            json!({"channel_id": "00000000-0000-4000-8000-000000000001", "titel": "x"}),
        );
        assert!(wrong.is_err());
    }
}
