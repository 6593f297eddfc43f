use super::Manifest;
use super::fixture::manifest;
use crate::backup::error::BackupError;

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let written = manifest("2026-11-22T02:00:03Z");
    assert_eq!(written.name(), "20261122T020003Z-12345678");
    assert_eq!(Manifest::read("x", &written.write()), Ok(written));
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let bytes = manifest("2026-11-22T02:00:03Z").write();
    for place in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[place] ^= bit;
            assert!(
                Manifest::read("x", &changed).is_err(),
                "byte {place}: {}",
                String::from_utf8_lossy(&changed)
            );
        }
        assert!(
            Manifest::read("x", &bytes[..place]).is_err(),
            "cut at {place}"
        );
    }
}

#[test]
fn a_foreign_manifest_is_told_from_a_damaged_one() {
    for foreign in [
        r#"{"manifest": {"contents": {"format": "pg_dump"}}, "sha256": ""}"#,
        r#"{"version": 3}"#,
        "[]",
        r#"{"manifest": {"contents": {"format": "catalyst-backup/3"}}}"#,
    ] {
        let read = Manifest::read("x", foreign.as_bytes());
        assert!(matches!(read, Err(BackupError::Foreign { .. })), "{read:?}");
    }
    let read = Manifest::read("x", b"{");
    assert!(
        matches!(read, Err(BackupError::Manifest { .. })),
        "{read:?}"
    );
}
