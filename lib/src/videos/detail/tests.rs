use serde_json::json;

use super::super::list::tests::{row, scored};
use super::*;
use scoring::{MODEL, Withheld, explain};

#[test]
fn a_withheld_score_says_why() {
    let withheld = json!({"withheld": "too_few", "n": 2, "score": null, "multiplier": null});
    let row = json!({"video": scored(row(1), &withheld), "series": [], "baseline": []});
    let explanation = detail(serde_json::from_value(row).unwrap()).explanation;
    assert_eq!(
        explanation.unwrap().summary,
        explain::withheld(&MODEL, Withheld::named("too_few", 2).unwrap())
    );
}

#[test]
fn a_value_of_another_type_is_an_error_and_no_missing_explanation() {
    let video = scored(row(1), &json!({"n": "many"}));
    let row = json!({"video": video, "series": [], "baseline": []});
    assert!(serde_json::from_value::<Details>(row).is_err());
}
