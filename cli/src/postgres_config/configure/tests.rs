use super::wanted;

#[test]
fn values_need_no_quoting() {
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
    };
    assert_eq!(wanted().count(), 11);
    for setting in wanted() {
        assert!(
            plain(setting.name) && plain(setting.value),
            "{}",
            setting.name
        );
    }
}
