//! Which characters the bytes mean.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250,
    WINDOWS_1251, WINDOWS_1252, WINDOWS_1254, WINDOWS_1256,
};

/// What spreadsheets write where they do not write Unicode; the first is meant when no header tells.
const LEGACY: [&Encoding; 9] = [
    WINDOWS_1252,
    WINDOWS_1250,
    WINDOWS_1251,
    WINDOWS_1254,
    WINDOWS_1256,
    SHIFT_JIS,
    EUC_KR,
    GB18030,
    BIG5,
];

/// How much of a file tells its encoding.
const SAMPLE: usize = 64 << 10;

/// A file's text as UTF-8, except where the file says UTF-8 and is not, and the name of its encoding.
pub(super) fn decode(
    mut bytes: Vec<u8>,
    is_header: impl Fn(&[u8]) -> bool,
) -> (Vec<u8>, &'static str) {
    if let Some((encoding, length)) = Encoding::for_bom(&bytes) {
        bytes.drain(..length);
        if encoding == UTF_8 {
            return (bytes, "UTF-8");
        }
        return (convert(encoding, &bytes), encoding.name());
    }
    if let Some(encoding) = unmarked_utf_16(&bytes) {
        return (convert(encoding, &bytes), encoding.name());
    }
    if is_utf_8(&bytes) {
        return (bytes, "UTF-8");
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let encoding = LEGACY
        .into_iter()
        .find(|encoding| is_header(&convert(encoding, sample)))
        .unwrap_or(WINDOWS_1252);
    (convert(encoding, &bytes), encoding.name())
}

fn convert(encoding: &'static Encoding, bytes: &[u8]) -> Vec<u8> {
    encoding
        .decode_without_bom_handling(bytes)
        .0
        .into_owned()
        .into_bytes()
}

/// Latin letters and separators in UTF-16 have a zero in every other byte.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let zeros = |first: usize| {
        sample
            .iter()
            .skip(first)
            .step_by(2)
            .filter(|&&byte| byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if even.max(odd) * 4 < sample.len() || sample.len() < 4 {
        return None;
    }
    Some(if odd > even { UTF_16LE } else { UTF_16BE })
}

/// Whether the bytes were meant as UTF-8: all of them are, or some characters are damaged in a text that has more that
/// are whole. Fields with damaged ones are reported when they are read.
fn is_utf_8(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let (mut whole, mut damaged) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    whole > damaged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let (text, name) = decode(bytes.to_vec(), |sample| {
            sample.starts_with("Название".as_bytes())
        });
        (String::from_utf8_lossy(&text).into_owned(), name)
    }

    #[test]
    fn unicode_with_and_without_a_mark() {
        assert_eq!(decoded("\u{feff}é".as_bytes()), ("é".to_owned(), "UTF-8"));
        assert_eq!(decoded("é".as_bytes()), ("é".to_owned(), "UTF-8"));
        assert_eq!(decoded(b"\xFF\xFEa\0\xE9\0"), ("aé".to_owned(), "UTF-16LE"));
        assert_eq!(decoded(b"\0a\0b\0c"), ("abc".to_owned(), "UTF-16BE"));
    }

    #[test]
    fn what_is_no_unicode_is_what_spreadsheets_write() {
        assert_eq!(
            decoded(b"caf\xE9 \x80"),
            ("café €".to_owned(), "windows-1252")
        );
        let russian = WINDOWS_1251.encode("Название;Просмотры").0;
        assert_eq!(decoded(&russian).1, "windows-1251", "the header tells");
    }

    #[test]
    fn damaged_utf_8_stays_what_it_is() {
        assert_eq!(decoded("ééé\u{fffd}".as_bytes()).1, "UTF-8");
        assert_eq!(decoded(b"\xC3\xA9\xC3\xA9\xFF").1, "UTF-8");
    }
}
