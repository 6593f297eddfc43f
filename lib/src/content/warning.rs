//! What is worth a second look in what was written, and stops nothing: phrases that the channel avoids, and a script far from
//! the length that was asked for.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{output::Output, topics::Topics};
use crate::channels::BrandVoice;

/// Something that is worth a second look.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ContentWarning)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// A phrase that the brand voice avoids.
    PhraseToAvoid {
        /// The phrase.
        phrase: String,
        /// The same as a sentence.
        message: String,
    },
    /// A script that takes less than half or more than one and a half times as long as was asked for.
    Length {
        /// How long it takes to speak.
        estimated_seconds: u64,
        /// How long it should take.
        target_seconds: u64,
        /// The same as a sentence.
        message: String,
    },
    /// A title much like one of the channel's videos or last drafts; the database finds it.
    SimilarTitle {
        /// Which of the titles, from 0.
        item: i32,
        /// Where the other one is used.
        source: TitleSource,
        /// Id of that.
        id: Uuid,
        /// The other title.
        title: String,
        /// The share of words in both, 0.6 to 1.
        likeness: f64,
        /// The same as a sentence.
        message: String,
    },
}

/// What has a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TitleSource {
    /// A video on YouTube.
    Video,
    /// Content that was generated here.
    Draft,
}

/// What is worth a second look, `seconds` being the length that was asked for.
pub(super) fn warnings(output: &Output, voice: &BrandVoice, seconds: Option<u32>) -> Vec<Warning> {
    let avoid = Topics::only(&voice.phrases_to_avoid);
    let phrase = avoid
        .find(output.texts())
        .map(|hit| Warning::PhraseToAvoid {
            message: format!("The brand voice avoids \"{}\".", hit.topic),
            phrase: hit.topic,
        });
    phrase
        .into_iter()
        .chain(seconds.and_then(|target| length(output, target.into())))
        .collect()
}

fn length(output: &Output, target: u64) -> Option<Warning> {
    let Output::Script(script) = output else {
        return None;
    };
    let estimate = script.estimated_seconds;
    (estimate * 2 < target || estimate > target * 3 / 2).then(|| Warning::Length {
        estimated_seconds: estimate,
        target_seconds: target,
        message: format!(
            "The script takes about {estimate} s to speak; {target} s were asked for."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::output::{Beat, Script};

    #[test]
    fn warnings_name_what_is_off_and_stop_nothing() {
        let script = Script {
            title: "t".to_owned(),
            hook: "Smash that like button".to_owned(),
            beats: vec![Beat {
                heading: "h".to_owned(),
                spoken: "word ".repeat(150),
                visual: "v".to_owned(),
            }],
            call_to_action: "c".to_owned(),
            estimated_seconds: 62,
        };
        let voice = BrandVoice {
            phrases_to_avoid: vec!["smash that like".to_owned()],
            ..BrandVoice::default()
        };
        let codes = |seconds| -> Vec<String> {
            warnings(&Output::Script(script.clone()), &voice, seconds)
                .iter()
                .map(|warning| {
                    serde_json::to_value(warning).unwrap()["code"]
                        .as_str()
                        .unwrap()
                        .to_owned()
                })
                .collect()
        };
        assert_eq!(codes(Some(60)), ["phrase_to_avoid"]);
        assert_eq!(codes(Some(600)), ["phrase_to_avoid", "length"]);
        assert_eq!(codes(None), ["phrase_to_avoid"]);
    }
}
