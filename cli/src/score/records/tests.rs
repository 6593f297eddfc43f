use super::*;

fn read(text: &str) -> Vec<Result<Record, RowError>> {
    Records::new(text.as_bytes()).collect()
}

fn record(line: usize, fields: &[&str]) -> Result<Record, RowError> {
    Ok(Record {
        line,
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
    })
}

#[test]
fn reads_what_rfc_4180_allows() {
    assert_eq!(
        read("\u{feff}a,b\r\n\"x, \"\"y\"\"\r\nz\",\r\n\r\n\"\",5\" screen\r\nمرحبا,💀"),
        [
            record(1, &["a", "b"]),
            record(2, &["x, \"y\"\r\nz", ""]),
            record(5, &["", "5\" screen"]),
            record(6, &["مرحبا", "💀"]),
        ]
    );
    assert_eq!(read("a\n\n\nb\n"), [record(1, &["a"]), record(4, &["b"])]);
    assert_eq!(read("a,"), [record(1, &["a", ""])]);
    assert_eq!(read(""), []);
}

#[test]
fn goes_on_after_a_bad_quote() {
    let found = read("a,b\nx,\"never closed\n\"good, one\",2\n3,4\n");
    assert_eq!(found[0], record(1, &["a", "b"]));
    let Err(error) = &found[1] else {
        panic!("{found:?}")
    };
    assert_eq!((error.line, error.column), (2, 2));
    assert_eq!(
        found[2..],
        [record(3, &["good, one", "2"]), record(4, &["3", "4"])]
    );
    let found = read("\"open\n1,2\n");
    assert_eq!(
        found[0].as_ref().unwrap_err().message,
        "has a quote that is never closed"
    );
    assert_eq!(found[1..], [record(2, &["1", "2"])]);
}

#[test]
fn names_the_field_that_is_not_utf_8() {
    let found: Vec<_> = Records::new(b"a,b\n1,\xff\n2,3").collect();
    assert_eq!(
        found[1],
        Err(RowError {
            line: 2,
            column: 2,
            message: "is not UTF-8".to_owned()
        })
    );
    assert_eq!(found[2], record(3, &["2", "3"]));
}

proptest::proptest! {
    #[test]
    fn any_file_is_read_to_its_end(bytes in proptest::collection::vec(
        proptest::prop_oneof![proptest::sample::select(&b"\",\n\r a\xef\xbb\xbf\xff"[..]), proptest::num::u8::ANY], 0..200)) {
        let lines = 1 + bytes.iter().filter(|&&byte| byte == b'\n').count();
        let mut last = 0;
        for found in Records::new(&bytes) {
            let line = match found {
                Ok(record) => record.line,
                Err(error) => error.line,
            };
            proptest::prop_assert!(last < line && line <= lines, "{last} {line} of {lines}");
            last = line;
        }
    }

    #[test]
    fn what_was_quoted_comes_back(rows in proptest::collection::vec(proptest::collection::vec("\\PC{0,12}|[\",\n\r]{1,4}", 2..5), 0..6)) {
        let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let text: String = rows
            .iter()
            .map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",") + "\r\n")
            .collect();
        let back: Vec<Vec<String>> = read(&text).into_iter().map(|record| record.unwrap().fields).collect();
        proptest::prop_assert_eq!(back, rows);
    }
}
