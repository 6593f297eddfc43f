//! Methods, ids and queries.

use std::collections::BTreeSet;

use reqwest::Method;
use uuid::Uuid;

use super::{TAKE_ANYTHING, cases};
use crate::support::{Answer, Stack, assert_problem, assert_problem_at};

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_right_ones() {
    for case in cases().await {
        let api = case.stack.anonymous();
        for method in [Method::PUT, Method::TRACE] {
            let answer = Answer::of(api.request(method, &case.address(""))).await;
            assert_problem(&answer, 405, "method_not_allowed");
            let allow: BTreeSet<String> = answer
                .header("allow")
                .unwrap_or_default()
                .split(", ")
                .map(str::to_owned)
                .collect();
            assert_eq!(allow, case.allow, "{}", case.row.id);
        }
    }
}

#[tokio::test]
async fn a_malformed_id_and_an_id_of_nothing_are_told_apart() {
    for case in cases().await {
        if case.path.contains("{id}") {
            for id in [
                "7",
                "not-an-id",
                "%00",
                "%ff%fe",
                "..%2f..%2fme",
                "6F0D6A3E58A34A6C9B0E2F6A1F0F7C11",
                "%7B6f0d6a3e-58a3-4a6c-9b0e-2f6a1f0f7c11%7D",
            ] {
                let answer = case.sound(&case.address_of(id, "")).await;
                assert_problem(&answer, 400, "invalid_id");
            }
            if case.row.id == "updateAgent" {
                // What a user allows a program stands before the program was ever seen.
                continue;
            }
            let answer = case.sound(&case.address("")).await;
            assert_problem(&answer, 404, "not_found");
            assert_eq!(answer.json["detail"], "No such object.", "{}", case.row.id);
        }
        if case.path.contains("{kind}") {
            let address = case.path.replace("{kind}", "poems");
            assert_problem(&case.sound(&address).await, 400, "invalid_id");
        }
    }
}

#[tokio::test]
async fn a_query_parameter_that_is_wrong_is_named() {
    for case in cases().await {
        if TAKE_ANYTHING.contains(&case.row.id) {
            continue;
        }
        let unknown = case.sound(&case.address("nothing=1")).await;
        assert_problem_at(&unknown, 400, "invalid_query", "?nothing");
        for undecodable in ["a=%ff", "a=%00"] {
            let answer = case.sound(&case.address(undecodable)).await;
            assert_problem(&answer, 400, "invalid_query");
        }
        if case.parameter("limit").is_some() {
            for wrong in [
                "0",
                "-1",
                "101",
                "1.5",
                "ten",
                "",
                "99999999999999999999999",
                "%D9%A1",
            ] {
                let answer = case.sound(&case.address(&format!("limit={wrong}"))).await;
                assert_problem_at(&answer, 400, "invalid_query", "?limit");
            }
            let twice = case.sound(&case.address("limit=1&limit=2")).await;
            assert_problem_at(&twice, 400, "invalid_query", "?limit");
        }
        if case.parameter("cursor").is_some() {
            for wrong in ["x", "!", "bnVsbA", "W10", "%22%3B--"] {
                let answer = case.sound(&case.address(&format!("cursor={wrong}"))).await;
                assert_problem_at(&answer, 400, "invalid_query", "?cursor");
            }
        }
        for name in [
            "channel_id",
            "content_id",
            "root_id",
            "state",
            "kind",
            "status",
            "from",
            "to",
            "sort",
            "label",
        ] {
            if case.parameter(name).is_some() && !case.row.query.contains(name) {
                let answer = case.sound(&case.address(&format!("{name}=~"))).await;
                assert_problem_at(&answer, 400, "invalid_query", &format!("?{name}"));
            }
        }
    }
}

#[tokio::test]
async fn an_id_in_the_query_never_replaces_the_one_in_the_path() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let (a, b) = (Uuid::new_v4(), Uuid::new_v4());
    let answer = user.api.get(&format!("/api/channels/{a}?id={b}")).await;
    assert!(matches!(answer.status, 400 | 404), "{answer}");
    assert!(!answer.to_string().contains(&b.to_string()), "{answer}");
}
