use super::*;
use serde_json::json;

fn script(beats: &[(&str, usize)]) -> Script {
    Script {
        title: "t".to_owned(),
        hook: "word ".repeat(10),
        beats: beats
            .iter()
            .map(|(heading, words)| Beat {
                heading: (*heading).to_owned(),
                spoken: "word ".repeat(*words),
                visual: "v".to_owned(),
            })
            .collect(),
        call_to_action: "word ".repeat(5),
        estimated_seconds: 0,
    }
}

fn pointers(kind: ContentKind, value: serde_json::Value) -> Vec<String> {
    Output::read(kind, value)
        .unwrap()
        .violations()
        .into_iter()
        .map(|violation| violation.pointer)
        .collect()
}

#[test]
fn speech_is_estimated_at_a_narrators_pace() {
    assert_eq!(script(&[("a", 135)]).seconds(), 60);
    assert_eq!(script::spoken_millis("– … !"), 0);
    assert!((58_000..=62_000).contains(&script::spoken_millis(&"日本".repeat(140))));
}

#[test]
fn chapters_start_at_nought_and_are_never_shorter_than_youtube_takes() {
    let long = script(&[("Wood", 100), ("Tiny", 5), ("Saw", 100), ("Glue", 100)]);
    let starts = long.chapter_starts();
    // The third beat would follow the second, which is too short, too soon.
    assert_eq!(starts.len(), 3);
    assert_eq!(starts[0], 0);
    assert!(starts.windows(2).all(|pair| pair[1] >= pair[0] + 10));
    assert!(script(&[("a", 30), ("b", 30)]).chapter_starts().is_empty());
}

#[test]
fn limits_of_titles_are_youtubes() {
    let titles = |title: &str| json!({"titles": [{"title": title, "why": "w"}]});
    assert!(pointers(ContentKind::Titles, titles(&"x".repeat(100))).is_empty());
    for bad in [
        &*"x".repeat(101),
        &"🎬".repeat(51),
        "a <b>",
        " ",
        "two\nlines",
    ] {
        assert_eq!(
            pointers(ContentKind::Titles, titles(bad)),
            ["/titles/0/title"],
            "{bad}"
        );
    }
    let twice = json!({"titles": [{"title": "Same", "why": "w"}, {"title": "same ", "why": "w"}]});
    assert_eq!(pointers(ContentKind::Titles, twice), ["/titles/1/title"]);
    assert_eq!(
        pointers(ContentKind::Titles, json!({"titles": []})),
        ["/titles"]
    );
}

#[test]
fn limits_of_descriptions_leave_room_for_the_marker() {
    let description = |text: &str, tags: &[&str]| json!({"description": text, "tags": tags});
    assert!(
        pointers(
            ContentKind::Description,
            description(&"x".repeat(5000), &[&"t".repeat(463)])
        )
        .is_empty()
    );
    assert_eq!(
        pointers(
            ContentKind::Description,
            description(&"日".repeat(1667), &[])
        ),
        ["/description"]
    );
    assert_eq!(
        pointers(
            ContentKind::Description,
            description("x", &[&"t".repeat(464)])
        ),
        ["/tags"]
    );
    // 460 letters in two tags with spaces: a comma and four quotation marks more.
    assert_eq!(
        pointers(
            ContentKind::Description,
            description("x", &[&"a ".repeat(115), &"b ".repeat(115)])
        ),
        ["/tags"]
    );
    assert_eq!(
        pointers(ContentKind::Description, description("x", &["a,b", ""])),
        ["/tags/0", "/tags/1"]
    );
    assert_eq!(
        pointers(ContentKind::Description, description("1 < 2", &[])),
        ["/description"]
    );
}

#[test]
fn what_follows_from_the_rest_is_computed_whatever_was_sent() {
    let sent = json!({"title": "t", "hook": "one two three four five", "beats": [], "call_to_action": "", "estimated_seconds": 9999});
    let Output::Script(script) = Output::read(ContentKind::Script, sent).unwrap() else {
        panic!()
    };
    assert_eq!(script.estimated_seconds, 2);
    let text = "Intro\n\n0:00 Start\n0:30 Middle\n1:00 End";
    let sent =
        json!({"description": text, "chapters": [{"start_seconds": 5, "title": "no"}], "tags": []});
    let Output::Description(read) = Output::read(ContentKind::Description, sent).unwrap() else {
        panic!()
    };
    assert_eq!(read.chapters.len(), 3);
    assert_eq!(read.chapters[1].start_seconds, 30);
}

#[test]
fn a_form_that_is_not_the_kinds_is_named_with_its_place() {
    let wrong = Output::read(
        ContentKind::Script,
        json!({"title": "t", "hook": "h", "beats": [{"heading": 1}], "call_to_action": "c"}),
    );
    assert_eq!(wrong.unwrap_err().pointer, "/beats/0/heading");
    assert!(Output::read(ContentKind::Ideas, json!({"ideas": [], "more": 1})).is_err());
    assert!(Output::read(ContentKind::Ideas, json!([])).is_err());
}
