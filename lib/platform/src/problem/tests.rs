use std::collections::HashSet;

use super::*;

#[test]
fn codes_are_unique_sorted_and_found_again() {
    let codes: Vec<_> = Kind::ALL.iter().map(|k| k.code()).collect();
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    assert!(codes.is_sorted());
    for kind in Kind::ALL {
        assert_eq!(Kind::from_code(kind.code()), Some(*kind));
    }
}

#[test]
fn the_source_never_reaches_the_body() {
    let problem = Problem::internal(std::io::Error::other("password=hunter"));
    assert!(problem.causes().concat().contains("hunter"));
    let body = serde_json::to_string(&problem.into_body("r1")).unwrap();
    assert!(!body.contains("hunter") && body.contains("\"code\":\"internal\""));
}
