use super::*;

fn day(text: &str) -> Timestamp {
    match read(text) {
        Ok(Reading::Is(moment)) => moment.at,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn days_in_the_forms_of_exports_and_people() {
    let third = parse_time("2024-01-03T00:00:00Z").expect("a time");
    for text in [
        "2024-01-03",
        "20240103",
        "20240103.0",
        "2024/01/03",
        "2024/1/3",
        "2024.01.03",
        "03.01.2024",
        "3.1.2024",
        "Jan 3, 2024",
        "January 3, 2024",
        "3 Jan 2024",
        "3. Januar 2024",
        "3 de enero de 2024",
        "3 janv. 2024",
        "3 gen 2024",
        "3 de jan. de 2024",
        "3 янв. 2024 г.",
        "2024年1月3日",
        "2024. 1. 3.",
        "2024년 1월 3일",
        "3 thg 1, 2024",
        "3 Oca 2024",
        "3 sty 2024",
        "Wednesday, January 3, 2024",
        "Jan 3rd, 2024",
        "2024-01-03 00:00:00",
        "1704240000",
        "1704240000000",
        " 2024-01-03 ",
        "'2024-01-03",
        "2024-1-3",
        "Wed, 03 Jan 2024 00:00:00 +0000",
        "2024-01-03 00:00:00 UTC",
        "2024-01-03 00:00:00+00:00",
        "３ Jan ２０２４",
    ] {
        assert_eq!(day(text), third, "{text}");
    }
}

#[test]
fn a_day_is_known_from_a_moment() {
    let is_day = |text: &str| matches!(read(text), Ok(Reading::Is(moment)) if moment.is_day);
    assert!(is_day("Jan 3, 2024") && is_day("2024-01-03") && is_day("20240103"));
    assert!(
        !is_day("2024-01-03T00:00:00Z") && !is_day("Jan 3, 2024 10:00 PM") && !is_day("1704240000")
    );
}

#[test]
fn times_of_day() {
    let late = parse_time("2024-01-03T17:04:00Z").expect("a time");
    for text in [
        "2024-01-03 17:04",
        "2024/01/03 17:04:00",
        "Jan 3, 2024, 5:04 PM",
        "3.1.2024 17:04",
        "3 janv. 2024 à 17:04",
        "2024-01-03T18:04:00+01:00",
    ] {
        assert_eq!(day(text), late, "{text}");
    }
    assert!(read("Jan 3, 2024 25:00").is_err() && read("Jan 3, 2024 13:00 PM").is_err());
}

#[test]
fn the_order_of_day_and_month_is_not_guessed() {
    let (third, april) = (day("2024-04-03"), day("2024-03-04"));
    let moment = |at| Moment { at, is_day: true };
    let either = Reading::Either {
        day_first: moment(third),
        month_first: moment(april),
    };
    assert_eq!(read("03/04/2024"), Ok(either));
    assert_eq!(read("3-4-2024"), Ok(either));
    assert!(matches!(
        read("13/04/2024"),
        Ok(Reading::Only(Order::DayFirst, _))
    ));
    assert!(matches!(
        read("04/13/2024"),
        Ok(Reading::Only(Order::MonthFirst, _))
    ));
    assert_eq!(day("04/04/2024"), day("2024-04-04"));
}

#[test]
fn what_is_no_day_is_said_with_a_way_out() {
    for (text, said) in [
        ("2024-02-30", "no day of the calendar"),
        ("31/02/2024", "no day of the calendar"),
        ("Feb 30, 2024", "no day of the calendar"),
        ("20241301", "no day of the calendar"),
        ("17.14.11", "year of two digits"),
        ("1/3/24", "year of two digits"),
        ("Jan 3, 24", "year of two digits"),
        ("240103", "year of two digits"),
        ("45294", "spreadsheet's number"),
        ("yesterday", "not an ISO 8601 time"),
        ("3 years ago", "not an ISO 8601 time"),
        ("2024", "not an ISO 8601 time"),
        ("", "not an ISO 8601 time"),
    ] {
        let message = read(text).expect_err(text);
        assert!(message.contains(said), "{text}: {message}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}|[0-9/.: -]{0,24}|[0-9]{1,2} [a-z]{3} [0-9]{2,4} [0-9:. apm]{0,12}") {
        drop(read(&text));
    }
}
