//! Where a text stands in the file.

use std::borrow::Cow;

/// A field's place in the file's text: 8 bytes a field, so that a long file needs little more than itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::score) struct Text {
    start: u32,
    /// The highest bit says that quotes in it are doubled.
    length: u32,
}

const DOUBLED: u32 = 1 << 31;

impl Text {
    /// The text from `start` on, `length` bytes long; nothing when it lies beyond what 32 bits can say.
    pub(super) fn at(start: usize, length: usize, has_doubled_quotes: bool) -> Self {
        match (u32::try_from(start), u32::try_from(length)) {
            (Ok(start), Ok(length)) if length < DOUBLED => Self {
                start,
                length: length | if has_doubled_quotes { DOUBLED } else { 0 },
            },
            _ => Self::default(),
        }
    }

    /// The bytes as they stand in the file.
    pub(super) fn bytes(self, source: &[u8]) -> &[u8] {
        let start = self.start as usize;
        let end = start + (self.length & !DOUBLED) as usize;
        source.get(start..end).unwrap_or_default()
    }

    /// What the field says.
    pub(in crate::score) fn of(self, source: &[u8]) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(self.bytes(source));
        if self.length & DOUBLED == 0 {
            return text;
        }
        Cow::Owned(text.replace("\"\"", "\""))
    }
}
