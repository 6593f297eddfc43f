use serde_json::{Value, json};

use super::*;
use crate::content::inspiration::{Inspiration, Role};

fn material(kind: ContentKind) -> Material {
    let mut material = Material::example(kind);
    material.brief.count = Some(1);
    material
}

fn read_json(material: &Material, value: &Value) -> Result<Output, Unusable> {
    read(material, &value.to_string())
}

fn broken(result: Result<Output, Unusable>) -> Vec<String> {
    match result {
        Err(Unusable::Broken(rules)) => rules,
        other => panic!("{other:?}"),
    }
}

#[test]
fn labels_become_videos_and_unknown_ones_are_refused() {
    let videos = [
        Inspiration::example("a", Role::Hit, None),
        Inspiration::example("b", Role::Flop, None),
    ];
    let mut material = material(ContentKind::Titles);
    material.inspirations = videos.to_vec();
    let good = json!({"titles": [{"title": " Build  it ", "why": "w", "inspired_by": ["v2", "v1", "v2"]}]});
    let Output::Titles(titles) = read_json(&material, &good).unwrap() else {
        panic!()
    };
    assert_eq!(titles.titles[0].title, "Build it");
    assert_eq!(
        titles.titles[0].inspired_by,
        [videos[1].video_id, videos[0].video_id]
    );
    let bad = json!({"titles": [{"title": "x", "why": "w", "inspired_by": ["v3"]}]});
    assert_eq!(
        broken(read_json(&material, &bad)),
        ["titles/0/inspired_by names a video that was not shown"]
    );
}

#[test]
fn what_breaks_form_or_limits_says_where() {
    let material = material(ContentKind::Titles);
    let long = json!({"titles": [{"title": "x".repeat(101), "why": "w"}]});
    let rules = broken(read_json(&material, &long));
    assert!(rules.len() == 1 && rules[0].starts_with("titles/0/title must be at most 100"));
    for text in [
        "```json\n{}\n```",
        "{",
        "",
        "{\"titles\":[]} {}",
        "[]",
        "{\"titles\":[{\"title\":1,\"why\":\"\"}]}",
    ] {
        broken(read(&material, text));
    }
}

#[test]
fn case_g03_the_object_is_found_among_words_and_in_a_fence() {
    let mut material = material(ContentKind::Titles);
    material.brief.count = Some(1);
    let object = r#"{"titles":[{"title":"Braces {in} a title","why":"w"}]}"#;
    let plain = read(&material, object).expect("titles");
    for text in [
        format!("```json\n{object}\n```"),
        format!("```\n{object}\n```\nI hope this helps!"),
        format!("Here is the JSON you asked for:\n\n{object}"),
        format!("{object}\n\nUse {{title}} as you like."),
    ] {
        assert_eq!(read(&material, &text).as_ref(), Ok(&plain), "{text}");
    }
    for text in [
        format!("{object},]"),
        format!("[{object}]"),
        format!("{object}\nor\n{object}"),
    ] {
        broken(read(&material, &text));
    }
}

#[test]
fn a_few_items_less_will_do_and_what_is_too_much_is_left_out() {
    let mut material = material(ContentKind::Titles);
    material.brief.count = Some(8);
    let titles = |count: usize| {
        let titles: Vec<Value> = (0..count)
            .map(|i| json!({"title": format!("Title {i}"), "why": "w"}))
            .collect();
        read_json(&material, &json!({"titles": titles}))
    };
    assert_eq!(broken(titles(4)), ["titles must have 8 entries, it has 4"]);
    for (sent, kept) in [(5, 5), (8, 8), (11, 8)] {
        assert_eq!(titles(sent).unwrap().titles().len(), kept);
    }
}

#[test]
fn a_banned_topic_in_the_output_is_found() {
    let mut material = material(ContentKind::Titles);
    material.channel.banned_topics = vec!["casino".to_owned()];
    let result = read_json(
        &material,
        &json!({"titles": [{"title": "My casino night", "why": "w"}]}),
    );
    assert!(matches!(result, Err(Unusable::Banned(hit)) if hit.topic == "casino"));
}

#[test]
fn a_description_is_put_together_from_text_chapters_and_links() {
    let beat = |words: usize| Beat {
        heading: "h".to_owned(),
        spoken: "word ".repeat(words),
        visual: "v".to_owned(),
    };
    let mut material = material(ContentKind::Description);
    material.channel.brand_voice.link_blocks = vec!["Shop: https://example.test".to_owned()];
    // At 150 words a minute they begin at 0, 30 and 80 seconds.
    material.script = Some(Script {
        title: "t".to_owned(),
        hook: String::new(),
        beats: vec![beat(75), beat(125), beat(75)],
        call_to_action: String::new(),
        estimated_seconds: 0,
    });
    let answer = json!({"description": "What you get.", "chapters": ["Wood", "Saw", "Glue"], "tags": ["#wood", "Wood", " log cabin "]});
    let Output::Description(text) = read_json(&material, &answer).unwrap() else {
        panic!()
    };
    assert_eq!(
        text.description,
        "What you get.\n\n0:00 Wood\n0:30 Saw\n1:20 Glue\n\nShop: https://example.test"
    );
    assert_eq!(text.chapters.len(), 3);
    assert_eq!(text.tags, ["wood", "log cabin"]);
    let few = json!({"description": "x", "chapters": ["Wood"], "tags": []});
    assert_eq!(
        broken(read_json(&material, &few)),
        ["chapters must have 3 entries, it has 1"]
    );
}

#[test]
fn only_the_part_that_was_asked_for_changes() {
    let whole = json!({"title": "T", "hook": "old", "beats": [{"heading": "h", "spoken": "s", "visual": "v"}],
        "call_to_action": "c", "estimated_seconds": 3});
    let mut material = material(ContentKind::Script);
    material.rewrite = Some(Rewrite {
        part: "hook".to_owned(),
        whole,
    });
    let answer = json!({"title": "Other", "hook": "new", "beats": [], "call_to_action": "other"});
    let Output::Script(script) = read_json(&material, &answer).unwrap() else {
        panic!()
    };
    assert_eq!(
        (&*script.title, &*script.hook, script.beats.len()),
        ("T", "new", 1)
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text: String) {
            for kind in ContentKind::ALL {
            let _ = read(&material(kind), &text);
        }
    }
}
