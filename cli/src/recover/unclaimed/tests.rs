use uuid::Uuid;

use super::is_ours;

#[test]
fn only_our_marks_are_ours() {
    let mark = format!("cce-{}", Uuid::from_u128(7).simple());
    assert!(is_ours(&["a".to_owned(), mark.to_uppercase()], None));
    assert!(is_ours(&[], Some(&format!("{mark}.mp4"))));
    let others = ["cce-", "cce-notes", "ccé-ü"].map(str::to_owned);
    assert!(!is_ours(&others, Some("cce.mp4")));
}
