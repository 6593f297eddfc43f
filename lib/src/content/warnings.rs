//! What is worth a second look, and stops nothing.

use serde_json::{Value, json};

use super::output::Output;
use super::topics::Topics;
use crate::channels::BrandVoice;

/// Phrases that the channel avoids, and a script far from the length that was asked for.
pub(super) fn warnings(output: &Output, voice: &BrandVoice, seconds: Option<u32>) -> Vec<Value> {
    let mut warnings = Vec::new();
    let avoid = Topics::only(&voice.phrases_to_avoid);
    if let Some(hit) = avoid.find(output.texts()) {
        warnings.push(json!({"code": "phrase_to_avoid", "phrase": hit.topic,
            "message": format!("The brand voice avoids \"{}\".", hit.topic)}));
    }
    if let (Output::Script(script), Some(seconds)) = (output, seconds) {
        let (estimate, target) = (script.estimated_seconds, u64::from(seconds));
        if estimate * 2 < target || estimate > target * 3 / 2 {
            warnings.push(json!({"code": "length", "estimated_seconds": estimate, "target_seconds": target,
                "message": format!("The script takes about {estimate} s to speak; {target} s were asked for.")}));
        }
    }
    warnings
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
                .map(|warning| warning["code"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(codes(Some(60)), ["phrase_to_avoid"]);
        assert_eq!(codes(Some(600)), ["phrase_to_avoid", "length"]);
        assert_eq!(codes(None), ["phrase_to_avoid"]);
    }
}
