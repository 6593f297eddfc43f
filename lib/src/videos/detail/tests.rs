use serde_json::json;

use super::super::list::tests::{row, scored};
use super::*;
use scoring::{MODEL, Withheld, explain};

#[test]
fn a_withheld_score_says_why() {
    let withheld = json!({"withheld": "too_few", "n": 2, "score": null, "multiplier": null});
    let text =
        json!({"video": scored(row(1), &withheld), "series": [], "baseline": []}).to_string();
    let detail = detail(serde_json::from_str(&text).unwrap()).unwrap();
    let explanation = detail.explanation.unwrap();
    assert_eq!(
        explanation.summary,
        explain::withheld(&MODEL, Withheld::named("too_few", 2).unwrap())
    );
}

#[test]
fn a_value_of_another_type_is_an_error_and_no_missing_explanation() {
    let text =
        json!({"video": scored(row(1), &json!({"n": "many"})), "series": [], "baseline": []})
            .to_string();
    assert!(detail(serde_json::from_str(&text).unwrap()).is_err());
}
