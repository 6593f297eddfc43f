use super::*;

#[test]
fn a_channel_has_one_id_for_good() {
    assert_eq!(channel_id("UC1"), channel_id("UC1"));
    assert_ne!(channel_id("UC1"), channel_id("UC2"));
}
