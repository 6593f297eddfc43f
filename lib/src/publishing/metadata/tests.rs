use super::*;

impl VideoText<'_> {
    fn pointers(&self) -> Vec<String> {
        let Err(problem) = self.check() else {
            return Vec::new();
        };
        let errors = problem.into_body("request").errors.into_iter();
        errors.filter_map(|error| error.pointer).collect()
    }
}

fn pointers(title: &str, description: &str, tags: &[&str]) -> Vec<String> {
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    VideoText {
        title,
        description,
        tags: &tags,
        category_id: "22",
        language: Some("en"),
    }
    .pointers()
}

#[test]
fn case_y03_tags_are_counted_as_youtube_counts_them() {
    assert_eq!(tags_length(["Foo Baz"]), 9);
    assert_eq!(tags_length(["Foo", "Baz"]), 7);
    assert_eq!(tags_length(["Foo-Baz"]), 7);
    assert_eq!(tags_length([]), 0);
    // The marker takes the rest of 500. Quotes around a tag with a space count.
    for (tag, fits) in [
        ("t".repeat(463), true),
        ("t".repeat(464), false),
        (format!("{} t", "t".repeat(459)), true),
        (format!("{} t", "t".repeat(460)), false),
    ] {
        assert_eq!(pointers("x", "", &[&tag]).is_empty(), fits, "{}", tag.len());
    }
}

#[test]
fn case_y04_limits_hold_at_their_edges() {
    assert!(pointers(&"x".repeat(100), &"y".repeat(5000), &["a"]).is_empty());
    assert_eq!(pointers(&"x".repeat(101), "", &[]), ["/title"]);
    assert!(pointers(&"🎬".repeat(50), "", &[]).is_empty());
    assert_eq!(pointers(&"🎬".repeat(100), "", &[]), ["/title"]);
    assert_eq!(pointers("We <3 honey", "", &[]), ["/title"]);
    // 51 characters, 102 UTF-16 units.
    assert_eq!(pointers(&"🎬".repeat(51), "", &[]), ["/title"]);
    assert_eq!(pointers(" ", "", &[]), ["/title"]);
    assert_eq!(pointers("a\nb", "", &[]), ["/title"]);
    assert_eq!(pointers("a<b", "c>d", &[]), ["/title", "/description"]);
    // 1,667 characters, 5,001 bytes.
    assert_eq!(pointers("x", &"日".repeat(1667), &[]), ["/description"]);
    assert!(pointers("x", "", &[&"t".repeat(463)]).is_empty());
    assert_eq!(pointers("x", "", &[&"t".repeat(464)]), ["/tags"]);
    assert_eq!(pointers("x", "", &["a,b"]), ["/tags"]);
    assert_eq!(marker(Uuid::nil()).len() + 1 + 463, TAGS_UNITS);
}

#[test]
fn category_and_language_are_checked() {
    for (category_id, language, expected) in [
        ("", None, &["/category_id"][..]),
        ("x", None, &["/category_id"][..]),
        ("22", Some("e"), &["/language"]),
        ("22", Some("pt-BR"), &[]),
    ] {
        let text = VideoText {
            title: "x",
            description: "",
            tags: &[],
            category_id,
            language,
        };
        assert_eq!(text.pointers(), expected);
    }
}

use proptest::prelude::*;

#[test]
fn titles_that_look_alike_have_one_key() {
    for (left, right, same) in [
        ("Why I Quit!", "why i quit", true),
        ("Why  I\u{a0}Quit…", "WHY I QUIT", true),
        ("ﬁve tips", "Five Tips", true),
        ("Straße", "strasse", false),
        ("5 tips", "6 tips", false),
        ("!!!", "???", false),
        ("C++ in 10 minutes", "C in 10 minutes", true),
    ] {
        assert_eq!(
            title_key(left) == title_key(right),
            same,
            "{left} / {right}"
        );
    }
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(title in ".{0,80}") {
        let key = title_key(&title);
        prop_assert_eq!(title_key(&key), key);
    }
}

fn missing(made_for_kids: Option<bool>, altered_content: Option<bool>) -> Vec<String> {
    let problem = required_answers(made_for_kids, altered_content).unwrap_err();
    assert_eq!(problem.kind(), Kind::AnswersMissing);
    let body = serde_json::to_value(problem.into_body("r")).unwrap();
    let errors = body["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_missing_answer_is_named_at_once() {
    assert_eq!(missing(None, None), ["/made_for_kids", "/altered_content"]);
    assert_eq!(missing(Some(false), None), ["/altered_content"]);
    assert_eq!(missing(None, Some(true)), ["/made_for_kids"]);
    assert!(required_answers(Some(true), Some(false)).is_ok());
}
