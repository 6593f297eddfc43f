//! The names of backups.

/// `20261122T020000Z-1f2e3d4c`.
pub(super) fn is_name(name: &str) -> bool {
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(is, wanted)| match wanted {
                    b'0' => is.is_ascii_digit(),
                    b'x' => is.is_ascii_hexdigit(),
                    other => is == other,
                })
    };
    shape(name, "00000000T000000Z-xxxxxxxx")
}

#[cfg(test)]
mod tests {
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
}
