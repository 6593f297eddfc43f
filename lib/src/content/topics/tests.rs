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
