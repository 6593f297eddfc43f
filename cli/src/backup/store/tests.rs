use super::is_name;

#[test]
fn only_our_names_are_backups() {
    assert!(is_name("20261122T020003Z-12345abc"));
    for other in [
        "",
        "notes",
        "20261122T020003Z-12345678.verified",
        "20261122T020003Z-1234567",
    ] {
        assert!(!is_name(other), "{other}");
    }
}
