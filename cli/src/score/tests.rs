use super::file::{Given, Table, parse_time};
use super::json;
use super::scores::Scores;
use super::text::{clean, shorten};
use scoring::MODELS;

fn table(text: &str) -> Table {
    let read = Table::read(text.as_bytes().to_vec(), "", &Given::default());
    read.unwrap_or_else(|refusal| panic!("{}", refusal.say()))
}

fn lines(text: &str, as_of: Option<&str>) -> Vec<serde_json::Value> {
    let table = table(text);
    let as_of = as_of.map(|time| parse_time(time).expect("a time"));
    let mut out = Vec::new();
    json::print(&mut out, &table, &Scores::new(&table, as_of, &MODELS[0]))
        .expect("memory takes it");
    String::from_utf8(out)
        .expect("JSON is UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Seven videos a day apart, newest first, the newest 31 days before the date used.
fn channel() -> String {
    let mut text = "title,published_at,views,likes,comments\n".to_owned();
    for day in (1..=7).rev() {
        text.push_str(&format!(
            "Video {day},2024-01-0{day}T12:00:00Z,{},{day},1\n",
            1000 + 100 * day
        ));
    }
    text
}

#[test]
fn totals_have_exactly_the_documented_keys() {
    let lines = lines(&channel(), Some("2024-02-08"));
    let keys: Vec<&String> = lines[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 17);
    assert_eq!(lines[0]["model_version"], "cce-score/2");
    assert_eq!(lines[0]["n"], 6);
    assert_eq!(lines[0]["basis"], "lifetime");
    assert_eq!(lines[0]["label"], "typical");
    assert_eq!(lines[3]["label"], "provisional");
    assert_eq!(lines[4]["label"], "insufficient_data");
    assert_eq!(lines[4]["n"], 2);
    assert!(lines[4]["score"].is_null() && lines[4]["confidence"].is_null());
}

#[test]
fn young_videos_are_neither_scored_nor_compared() {
    let lines = lines(&channel(), Some("2024-02-04T12:00:00Z"));
    assert_eq!(lines[0]["label"], "too_recent");
    assert!(lines[0]["n"].is_null());
    assert_eq!(lines[1]["label"], "too_recent", "29 days");
    assert_eq!(lines[2]["n"], 4, "30 days to the second");
}

#[test]
fn the_default_date_is_the_newest_video() {
    assert!(
        lines(&channel(), None)
            .iter()
            .all(|line| line["label"] == "too_recent")
    );
}

#[test]
fn formats_and_channels_are_kept_apart() {
    let mut text = "title,published_at,views,likes,comments,format,channel_title\n".to_owned();
    for day in 1..=8 {
        text.push_str(&format!("L,2024-01-0{day}T00:00:00Z,100,1,1,long,A\n"));
        text.push_str(&format!("S,2024-01-0{day}T01:00:00Z,100,1,1,Short,A\n"));
        text.push_str(&format!("B,2024-01-0{day}T02:00:00Z,100,1,1,long,B\n"));
    }
    text.push_str("U,2024-01-09,100,1,1,,A\n");
    let lines = lines(&text, Some("2025-01-01"));
    assert_eq!(lines[21]["n"], 7);
    assert_eq!(lines[22]["n"], 7);
    assert_eq!(lines[23]["n"], 7);
    assert_eq!(lines[24]["label"], "insufficient_data");
}

#[test]
fn malformed_rows_are_named_and_the_rest_is_kept() {
    let mut text = channel();
    text.push_str("Broken,2024-01-01T00:00:00Z,many,1,1\n");
    text.push_str("Broken,yesterday,1,1,1\n");
    text.push_str("Short,2024-01-01T00:00:00Z\n");
    text.push_str("\"Two\nlines\",2024-01-01T00:00:00Z,1,-1,1\n");
    text.push_str("\"Open,2024-01-01T00:00:00Z,1,1,1\n");
    text.push_str("Hidden likes,2023-12-31,17.0,,3\n");
    let table = table(&text);
    let places: Vec<(u32, usize)> = table
        .errors
        .iter()
        .map(|error| (error.place.line, error.place.column + 1))
        .collect();
    assert_eq!(places, [(9, 3), (10, 2), (11, 3), (12, 4), (14, 1)]);
    let last = table.rows.last().expect("a row");
    assert_eq!(
        (last.row, last.views, last.likes, last.comments),
        (13, 17, None, Some(3))
    );
    assert_eq!(table.rows.len(), 8);
}

#[test]
fn a_header_without_a_column_is_refused() {
    let refused = |text: &str| Table::read(text.as_bytes().to_vec(), "", &Given::default()).err();
    let message = refused("title,views\n").expect("a refusal").say();
    assert!(
        message.starts_with("line 1, column 1") && message.contains("no column `published_at`"),
        "{message}"
    );
    let message = refused("").expect("a refusal").say();
    assert!(message.contains("the file is empty"), "{message}");
}

#[test]
fn an_observation_is_scored_at_what_was_known_by_then() {
    let mut text =
        "video_id,observed_on,title,channel_title,published_at,views,likes,comments\n".to_owned();
    for video in 1..=6 {
        for day in 1..=4 {
            let views = video * 1000 + day * 100;
            text.push_str(&format!(
                "v{video},2017-11-{:02},V,C,2017-11-{video:02}T12:00:00Z,{views},5,5\n",
                video + day
            ));
        }
    }
    let lines = lines(&text, None);
    // Ages 12, 36, 60 and 84 hours: 48 h is known at 60 h, 72 h at 84 h.
    let last = &lines[20..24];
    let checkpoints: Vec<_> = last
        .iter()
        .map(|line| line["checkpoint_h"].as_u64())
        .collect();
    assert_eq!(checkpoints, [Some(12), Some(12), Some(48), Some(72)]);
    assert_eq!(last[3]["n"], 5);
    assert_eq!(last[3]["basis"], "public_views");
    assert!(last[3]["velocity_z"].is_number() && last[2]["velocity_z"].is_null());
    assert_eq!(last[3]["confidence"], 0.5);
    assert_eq!(lines[11]["label"], "insufficient_data");
}

#[test]
fn titles_cannot_drive_the_terminal() {
    assert_eq!(clean("a\u{1b}[2J\nb"), "a [2J b");
    assert_eq!(shorten("abcdef", 4), "abc…");
}
