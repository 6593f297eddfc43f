use super::*;

#[test]
fn every_kind_of_step_has_advice() {
    for (kind, code, action) in [
        ("channel.sync", "upstream_failed", Action::Retry),
        ("upload.thumbnail", "forbidden", Action::Discard),
        ("upload.advance", "panicked", Action::Retry),
        ("test.step", "unknown_step", Action::Discard),
        ("new.kind", "anything", Action::Retry),
    ] {
        assert_eq!(next_action(kind, code).action, action, "{kind} {code}");
    }
}
