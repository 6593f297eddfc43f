use serde_json::json;

use super::shown;

#[test]
fn a_dry_run_shows_no_value_but_those_that_everybody_may_see() {
    let body = json!({"db_pass": "p", "list": [{"value": "v", "type": "sensitive"}, {"value": "v", "type": "plain"}]});
    let seen = json!({"db_pass": "•••", "list": [{"value": "•••", "type": "sensitive"}, {"value": "v", "type": "plain"}]});
    assert_eq!(shown(&body), seen);
}
