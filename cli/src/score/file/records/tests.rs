use super::*;

type Fields = (u32, Vec<String>);

fn read(text: &str) -> Vec<Result<Fields, Malformed>> {
    read_with(text.as_bytes(), b',')
}

fn read_with(text: &[u8], separator: u8) -> Vec<Result<Fields, Malformed>> {
    let said = |record: Record| {
        let fields = record
            .fields
            .iter()
            .map(|field| field.of(text).into_owned())
            .collect();
        (record.line, fields)
    };
    Records::new(text, 0, 1, separator)
        .map(|record| record.map(said))
        .collect()
}

fn record(line: u32, fields: &[&str]) -> Result<Fields, Malformed> {
    Ok((line, fields.iter().map(|&field| field.to_owned()).collect()))
}

#[test]
fn reads_what_rfc_4180_allows() {
    assert_eq!(
        read("a,b\r\n\"x, \"\"y\"\"\r\nz\",\r\n\r\n\"\",5\" screen\r\nمرحبا,💀"),
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
fn reads_other_separators_and_the_line_ends_of_old_macs() {
    assert_eq!(
        read_with(b"a;b,c\r\"d;e\";f\r", b';'),
        [record(1, &["a", "b,c"]), record(2, &["d;e", "f"])]
    );
}

#[test]
fn spaces_around_quotes_do_not_count() {
    assert_eq!(read("a, \"b, c\" ,d"), [record(1, &["a", "b, c", "d"])]);
    assert_eq!(read(" \"a\" b,c"), [record(1, &[" \"a\" b", "c"])]);
}

#[test]
fn goes_on_after_a_bad_quote() {
    let found = read("a,b\nx,\"never closed\n\"good, one\",2\n3,4\n");
    assert_eq!(found[0], record(1, &["a", "b"]));
    let Err(error) = &found[1] else {
        panic!("{found:?}")
    };
    assert_eq!((error.place.line, error.place.column), (2, 1));
    assert_eq!(
        found[2..],
        [record(3, &["good, one", "2"]), record(4, &["3", "4"])]
    );
    let found = read("\"open\n1,2\n");
    let message = &found[0].as_ref().expect_err("an open quote").message;
    assert!(message.contains("never closed"), "{message}");
    assert_eq!(found[1..], [record(2, &["1", "2"])]);
}

#[test]
fn names_the_field_with_a_damaged_character() {
    let found = read_with(b"a,b\n1,\xff\n2,3", b',');
    let error = found[1].as_ref().expect_err("no UTF-8");
    assert_eq!((error.place.line, error.place.column), (2, 1));
    assert_eq!(found[2], record(3, &["2", "3"]));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_to_its_end(bytes in proptest::collection::vec(
        proptest::prop_oneof![proptest::sample::select(&b"\",\n\r a\xef\xbb\xbf\xff"[..]), proptest::num::u8::ANY], 0..200)) {
        let lines = 1 + bytes.iter().filter(|&&byte| matches!(byte, b'\n' | b'\r')).count();
        let mut last = 0;
        for found in Records::new(&bytes, 0, 1, b',') {
            let line = match found {
                Ok(record) => record.line,
                Err(error) => error.place.line,
            };
            proptest::prop_assert!(last < line && line as usize <= lines, "{last} {line} of {lines}");
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
        let back: Vec<Vec<String>> = read(&text).into_iter().map(|record| record.unwrap().1).collect();
        proptest::prop_assert_eq!(back, rows);
    }
}
