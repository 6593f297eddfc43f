use super::*;

fn is(text: &str) -> u64 {
    match read(text) {
        Ok((Reading::Is(count), _)) => count,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn whole_numbers_with_every_grouping_that_leaves_no_doubt() {
    for text in [
        "1234567",
        "1.234.567",
        "1,234,567",
        "1 234 567",
        "1\u{a0}234\u{a0}567",
        "1\u{202f}234\u{202f}567",
        "1'234'567",
        "1’234’567",
        "12,34,567",
        "1.234.567,00",
        "1,234,567.0",
        "1234567.0",
        "'1234567",
        "=\"1234567\"",
        "١٢٣٤٥٦٧",
        "１２３４５６７",
        "1234567.000",
    ] {
        assert_eq!(is(text), 1_234_567, "{text}");
    }
    assert_eq!(
        (is("37.0"), is("37,0"), is("0.000"), is("12 000"), is("0")),
        (37, 37, 0, 12_000, 0)
    );
}

#[test]
fn one_sign_before_three_digits_may_be_either() {
    let either = |sign, grouped, plain| {
        Ok((
            Reading::Either {
                sign,
                grouped,
                plain,
            },
            None,
        ))
    };
    assert_eq!(read("12.000"), either(Sign::Dot, 12_000, Some(12)));
    assert_eq!(read("12,000"), either(Sign::Comma, 12_000, Some(12)));
    assert_eq!(read("11.500"), either(Sign::Dot, 11_500, None));
}

#[test]
fn some_numbers_show_what_the_sign_means() {
    assert_eq!(
        read("1.234.567").expect("a number").1,
        Some(Shows::Groups(Sign::Dot))
    );
    assert_eq!(
        read("1.234,0").expect("a number").1,
        Some(Shows::Groups(Sign::Dot))
    );
    assert_eq!(
        read("12345.000").expect("a number").1,
        Some(Shows::Decimal(Sign::Dot))
    );
    assert_eq!(read("37.0").expect("a number").1, None);
}

#[test]
fn what_is_not_known_is_unknown() {
    for text in [
        "", " ", "-", "--", "–", "NA", "n/a", "N/A", "#N/A", "null", "None", "NaN", "nan",
    ] {
        assert_eq!(read(text), Ok((Reading::Unknown, None)), "{text}");
    }
}

#[test]
fn what_is_no_count_is_said_with_a_way_out() {
    for (text, said) in [
        ("1.2K", "abbreviated"),
        ("1,2 Mio.", "abbreviated"),
        ("3 тыс.", "abbreviated"),
        ("1.2E+06", "shortened by a spreadsheet"),
        ("####", "cut off"),
        ("-5", "not a whole number"),
        ("+5", "not a whole number"),
        ("12.5", "not a whole number"),
        ("1,23", "not a whole number"),
        ("1.23.456", "not a whole number"),
        ("012.345.678", "not a whole number"),
        ("ten", "not a whole number"),
        ("99999999999999999999", "not a whole number"),
        (".5", "not a whole number"),
        ("5.", "not a whole number"),
    ] {
        let message = read(text).expect_err(text);
        assert!(message.contains(said), "{text}: {message}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,20}|[0-9., ']{0,20}") {
        drop(read(&text));
    }
}
