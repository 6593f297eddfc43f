//! `multipart/form-data`, as browsers send a `File`: fields, and one part that is the file.

use axum::body::Bytes;

/// The file of a form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormFile {
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

/// The file of a form and its `cacheControl` field; none when the form has no file.
pub(super) fn read(content_type: &str, form: &Bytes) -> Option<(FormFile, Option<String>)> {
    let (_, boundary) = content_type.split_once("boundary=")?;
    let mark = format!("\r\n--{}", boundary.split(';').next()?.trim_matches('"'));
    let (mut file, mut cache) = (None, None);
    // The first mark stands at the very beginning, without a line end before it.
    let mut at = find(form, &mark.as_bytes()[2..], 0)? + mark.len() - 2;
    while let Some(end) = find(form, mark.as_bytes(), at) {
        let part = form.slice(at..end);
        at = end + mark.len();
        let head = find(&part, b"\r\n\r\n", 0)?;
        let heads = String::from_utf8_lossy(&part[..head]).into_owned();
        let bytes = part.slice(head + 4..);
        if heads.contains("filename=") {
            let mime = heads.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-type")
                    .then(|| value.trim().to_owned())
            });
            let mime = mime.unwrap_or_else(|| "application/octet-stream".to_owned());
            file = Some(FormFile { mime, bytes });
        } else if heads.contains("name=\"cacheControl\"") {
            cache = String::from_utf8(bytes.to_vec()).ok();
        }
    }
    file.map(|file| (file, cache))
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let at = rest
        .windows(wanted.len())
        .position(|window| window == wanted)?;
    Some(from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_form_is_found_with_its_type_and_its_bytes_as_they_are() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"cacheControl\"\r\n\r\n3600\r\n--b\r\nContent-Disposition: \
                    form-data; name=\"\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\none\r\n\r\ntwo\r\n--b--\r\n";
        let read = read("multipart/form-data; boundary=b", &Bytes::from(form));
        let file = FormFile {
            mime: "video/mp4".to_owned(),
            bytes: Bytes::from("one\r\n\r\ntwo"),
        };
        assert_eq!(read, Some((file, Some("3600".to_owned()))));
    }

    #[test]
    fn a_form_without_a_file_has_none() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n";
        assert_eq!(
            read("multipart/form-data; boundary=b", &Bytes::from(form)),
            None
        );
    }
}
