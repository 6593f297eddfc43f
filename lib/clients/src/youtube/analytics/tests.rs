use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn table(value: Value) -> Table {
    serde_json::from_value(value).unwrap()
}

#[test]
fn columns_are_found_by_name_and_absent_rows_are_none() {
    let curve = read_curve(
        &table(
            json!({"kind":"youtubeAnalytics#resultTable","columnHeaders":[
            {"name":"day","columnType":"DIMENSION","dataType":"STRING"},
            {"name":"likes","columnType":"METRIC","dataType":"INTEGER"},
            {"name":"engagedViews","columnType":"METRIC","dataType":"INTEGER"},
            {"name":"averageViewPercentage","columnType":"METRIC","dataType":"FLOAT"}],
            "rows":[["2026-01-03",1,20,61.2],["2026-01-02",0,100,50],["odd",1,1,1],["2026-01-04"],[]]}),
        ),
        "engagedViews",
        Basis::EngagedViews,
    );
    assert_eq!(
        curve
            .days
            .iter()
            .map(|day| (day.day, day.views))
            .collect::<Vec<_>>(),
        [(date(2026, 1, 2), 100.0), (date(2026, 1, 3), 20.0)]
    );
    let empty = read_curve(
        &table(json!({"columnHeaders":[{"name":"day"}]})),
        "engagedViews",
        Basis::EngagedViews,
    );
    assert!(empty.days.is_empty());
}

#[test]
fn case_g10_a_video_is_what_it_was_watched_as_most() {
    let formats = read_formats(&table(
        json!({"columnHeaders":[{"name":"video"},{"name":"creatorContentType"},{"name":"views"}],
        "rows":[["a","liveStream",5],["a","videoOnDemand",50],["b","SHORTS",1],["c","VIDEO_ON_DEMAND",0],
                ["d","somethingNew",9],["e","shorts",null],[null,"shorts",1]]}),
    ));
    assert_eq!(formats["a"], Format::Long);
    assert_eq!(formats["b"], Format::Short);
    assert_eq!(formats["c"], Format::Long);
    assert_eq!(formats["e"], Format::Short);
    assert_eq!(formats.len(), 4);
}

proptest! {
    #[test]
    fn odd_rows_do_not_break_the_readers(cells in prop::collection::vec(prop::collection::vec(
        prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "\\PC{0,10}".prop_map(Value::from)], 0..5), 0..6)) {
        let table = Table {
            column_headers: ["day", "views", "likes", "video"].map(|name| Column { name: name.into() }).to_vec(),
            rows: cells,
        };
        let _ = read_curve(&table, "views", Basis::PublicViews);
        let _ = read_formats(&table);
    }
}
