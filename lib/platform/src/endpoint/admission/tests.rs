use uuid::Uuid;

use super::*;

fn cache(user: UserId, n: usize) -> Cache {
    Cache {
        caching: Caching::Kept,
        key: (user, format!("/api/videos?n={n}")),
        if_none_match: None,
    }
}

fn body(bytes: usize) -> Bytes {
    vec![b'x'; bytes].into()
}

#[test]
fn what_is_kept_is_bounded_in_number_and_bytes_and_an_old_answer_makes_room() {
    let (mut answers, user) = (Answers::default(), UserId(Uuid::now_v7()));
    for n in 0..3 * MOST {
        let cache = cache(user, n);
        cache.keep(&mut answers, body(10));
        assert!(answers.len() <= MOST && answers.contains_key(&cache.key));
    }
    for n in 0..40 {
        cache(user, n).keep(&mut answers, body(LARGEST));
        let bytes: usize = answers.values().map(|(_, body)| body.len()).sum();
        assert!(bytes <= MOST_BYTES);
    }
    let long_ago = Instant::now().checked_sub(KEPT).unwrap();
    for kept in answers.values_mut() {
        kept.0 = long_ago;
    }
    cache(user, 0).keep(&mut answers, body(10));
    assert_eq!(answers.len(), 1);
}

#[test]
fn a_large_answer_is_not_kept_and_a_kept_one_is_the_users_own() {
    let (one, other) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let settled = Admission::default();
    for (bytes, is_kept) in [(LARGEST + 1, false), (LARGEST, true)] {
        let mut response = Response::new(ResponseBody::from(()));
        response.extensions_mut().insert(Whole(body(bytes)));
        cache(one, 1).take(response, &settled);
        assert_eq!(cache(one, 1).kept().is_some(), is_kept);
    }
    assert!(cache(other, 1).kept().is_none() && cache(one, 2).kept().is_none());
}

#[test]
fn whoever_changed_something_lately_gets_nothing_kept() {
    let settled = |seconds_since_write| {
        let admission = Admission {
            seconds_since_write,
            ..Admission::default()
        };
        admission.is_settled()
    };
    assert!(settled(None) && settled(Some(91.0)));
    assert!(!settled(Some(0.0)) && !settled(Some(-30.0)) && !settled(Some(89.0)));
}
