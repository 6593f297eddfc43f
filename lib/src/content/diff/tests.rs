use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The text of the pieces without those of a kind.
fn without(change: &FieldChange, gone: Change) -> String {
    let pieces = change.pieces.iter().filter(|piece| piece.change != gone);
    pieces.map(|piece| &*piece.text).collect()
}

#[test]
fn words_that_changed_are_shown_among_those_that_stayed() {
    let found = changes(
        &json!({"title": "Why I quit my job", "hook": "Same", "seconds": 60}),
        &json!({"title": "Why I left my job", "hook": "Same", "seconds": 90}),
    );
    let shown = |change: &FieldChange| {
        let pieces = change.pieces.iter();
        let pieces = pieces.map(|piece| (piece.change, piece.text.clone()));
        (
            change.pointer.clone(),
            change.change,
            pieces.collect::<Vec<_>>(),
        )
    };
    let piece = |change, text: &str| (change, text.to_owned());
    assert_eq!(
        found.iter().map(shown).collect::<Vec<_>>(),
        [
            (
                "/title".to_owned(),
                Change::Edited,
                vec![
                    piece(Change::Kept, "Why I "),
                    piece(Change::Removed, "quit"),
                    piece(Change::Added, "left"),
                    piece(Change::Kept, " my job"),
                ]
            ),
            (
                "/seconds".to_owned(),
                Change::Edited,
                vec![piece(Change::Removed, "60"), piece(Change::Added, "90"),]
            ),
        ]
    );
}

#[test]
fn a_member_that_was_put_in_moves_the_others_without_changing_them() {
    let beats = |names: &[&str]| {
        let beats: Vec<_> = names.iter().map(|name| json!({"heading": name})).collect();
        json!({"beats": beats})
    };
    let found = changes(&beats(&["one", "two"]), &beats(&["one", "half", "two"]));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&*found[0].pointer, found[0].change),
        ("/beats/1/heading", Change::Added)
    );
    let found = changes(&beats(&["one", "half", "two"]), &beats(&["one", "two"]));
    assert_eq!(
        (&*found[0].pointer, found[0].change),
        ("/beats/1/heading", Change::Removed)
    );
}

#[test]
fn a_first_revision_is_new_as_a_whole() {
    let found = changes(
        &Value::Null,
        &json!({"titles": [{"title": "A"}, {"title": "B"}]}),
    );
    let pointers: Vec<_> = found.iter().map(|change| &*change.pointer).collect();
    assert_eq!(pointers, ["/titles/0/title", "/titles/1/title"]);
    assert!(found.iter().all(|change| change.change == Change::Added));
}

proptest! {
    #[test]
    fn the_pieces_are_both_texts(old in "[a-c \n]{0,40}", new in "[a-c \n]{0,40}") {
        let change = words("", &old.clone().into(), &new.clone().into());
        prop_assert_eq!(without(&change, Change::Added), old);
        prop_assert_eq!(without(&change, Change::Removed), new);
    }
}
