use super::*;

fn hit(own: &[&str], text: &str) -> Option<String> {
    Topics::new(own).find([text]).map(|hit| hit.topic)
}

#[test]
fn a_topic_is_found_as_whole_words_in_any_dress() {
    let found = Some("crypto".to_owned());
    for text in [
        "Crypto is back",
        "why CRYPTO?",
        "c\u{200b}rypto",
        "ｃｒｙｐｔｏ",
        "cryptos",
        "(crypto)",
    ] {
        assert_eq!(hit(&["crypto"], text), found, "{text}");
    }
    for text in ["cryptography", "decrypt o", "", "c r y p t o"] {
        assert_eq!(hit(&["crypto"], text), None, "{text}");
    }
}

#[test]
fn words_of_a_topic_stand_side_by_side_in_order() {
    assert!(hit(&["weight loss pill"], "The best weight-loss pills!").is_some());
    assert!(hit(&["weight loss pill"], "loss of weight with a pill").is_none());
    assert!(hit(&["election"], "¿Quién ganó la elección?").is_none());
    assert!(
        hit(&["elección"], "Las eleccion, otra vez").is_some(),
        "accents do not matter"
    );
    assert!(hit(&["ギャンブル"], "今日のギャンブル動画").is_some());
}

#[test]
fn the_platforms_list_holds_for_everyone_and_says_so() {
    let hit = Topics::new::<&str>(&[])
        .find(["How to buy views cheaply"])
        .unwrap();
    assert!(!hit.own);
    assert!(hit.explain("The topic").contains("YouTube's policies"));
    let own = Topics::new(&["Politics"]).find(["politics"]).unwrap();
    assert!(own.explain("The topic").contains("this channel's list"));
}

#[test]
fn an_empty_topic_bans_nothing() {
    assert_eq!(hit(&["", "  ", "!!"], "anything at all"), None);
}

proptest::proptest! {
    #[test]
    fn a_topic_is_found_wherever_it_stands(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
        let text = format!("{before} Gambling {after}");
        proptest::prop_assert!(hit(&["gambling"], &text).is_some());
    }

    #[test]
    fn any_text_is_searched_without_panic(topic: String, text: String) {
        let _ = Topics::new(&[topic]).find([text.as_str()]);
    }
}

use serde_json::json;

#[test]
fn strings_are_found_at_any_depth() {
    let value = json!({"a": ["x", {"b": "y"}], "c": 1});
    assert_eq!(strings(&value), ["x", "y"]);
}

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
