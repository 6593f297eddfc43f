use uuid::Uuid;

use super::*;

fn key(user: UserId, n: usize) -> Key {
    (user, format!("/api/videos?n={n}"))
}

fn body(bytes: usize) -> Bytes {
    vec![b'x'; bytes].into()
}

fn bytes(answers: &Answers) -> usize {
    answers.values().map(|(_, body)| body.len()).sum()
}

#[test]
fn what_is_kept_is_bounded_in_number_and_bytes() {
    let (mut answers, user) = (Answers::default(), UserId(Uuid::now_v7()));
    for n in 0..3 * MOST {
        keep(&mut answers, key(user, n), body(10));
        assert!(answers.len() <= MOST && answers.contains_key(&key(user, n)));
    }
    for n in 0..40 {
        keep(&mut answers, key(user, n), body(LARGEST));
        assert!(bytes(&answers) <= MOST_BYTES);
    }
}

#[test]
fn an_old_answer_makes_room() {
    let (mut answers, user) = (Answers::default(), UserId(Uuid::now_v7()));
    let long_ago = Instant::now().checked_sub(KEPT).unwrap();
    answers.insert(key(user, 1), (long_ago, body(10)));
    keep(&mut answers, key(user, 2), body(10));
    assert_eq!(answers.len(), 1);
}

#[test]
fn an_answer_is_the_users_own_and_forgotten_with_their_change() {
    let (one, other) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let cache = |user| Cache {
        caching: Caching::Kept,
        key: key(user, 1),
        if_none_match: None,
    };
    keep(&mut answers(), key(one, 1), body(10));
    assert!(cache(one).holds_answer() && !cache(other).holds_answer());
    keep(&mut answers(), key(other, 1), body(10));
    forget(one);
    assert!(!cache(one).holds_answer() && cache(other).holds_answer());
}

#[test]
fn tags_are_compared_weakly_and_in_lists() {
    let tag = "\"0123\"";
    for (list, is_named) in [
        (tag, true),
        ("W/\"0123\"", true),
        ("\"other\", \"0123\"", true),
        ("*", true),
        ("\"other\"", false),
        ("0123", false),
        ("", false),
    ] {
        assert_eq!(names(list, tag), is_named, "{list}");
    }
}
