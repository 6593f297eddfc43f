use super::*;

#[test]
fn a_kind_is_written_as_it_is_read() {
    for kind in ContentKind::ALL {
        assert_eq!(kind.to_string().parse::<ContentKind>().unwrap(), kind);
    }
    assert_eq!(ContentKind::Script.to_string(), "script");
    assert!("Script".parse::<ContentKind>().is_err());
}
