//! Files as people met them, one a case of docs/cases.md.

use crate::export::{Characters, Dates, Form, Grouping, STUDIO_NAMES, Video, channel, write};
use crate::{score, score_exactly, score_named, zipped};

const STUDIO: &str = "Content,Video title,Video publish time,Duration,New viewers,Views,Watch time (hours),Impressions\n\
    Total,,,,0,59189,2210.4,901233\n\
    aB3dE5fG7hI,First video,\"Nov 12, 2023\",612,,24110,1320.7,310022\n\
    kL9mN1oP3qR,\"Why I quit \"\"perfect\"\" joints, mostly\",\"Jan 8, 2025\",1188,,18022,701.2,220871\n \
    -sT5uV7wX9y,In 60 seconds,\"Jan 8, 2025\",58,,17044,188.3,140551\n\
    -2zA4bC6dE8,Tour (unlisted),,484,,13,0.6,1\n";

#[test]
fn case_f01_studio_s_export_is_read_without_its_sum_and_its_undated_rows() {
    let answer = score(STUDIO, &[]);
    answer
        .has_status(0)
        .says("YouTube Studio's export")
        .says("1 total row, 1 row without a date");
    answer.says("no likes and no comments, so no engagement");
    assert_eq!(
        answer.titles(),
        [
            "First video",
            "Why I quit \"perfect\" joints, mostly",
            "In 60 seconds"
        ]
    );
    assert_eq!(answer.lines[0]["row"], 2);
    assert_eq!(answer.lines[0]["published_at"], "Nov 12, 2023");
}

#[test]
fn case_f01_studio_s_archive_is_read_as_it_was_downloaded() {
    let archive = zipped(&[
        ("Chart data.csv", b"Date,Content,Video title,Video publish time,Duration,Views\n2024-01-01,aB3dE5fG7hI,First video,\"Nov 12, 2023\",612,5\n"),
        ("Table data.csv", STUDIO.as_bytes()),
        ("Totals.csv", b"Date,Views\n2024-01-01,5\n"),
    ]);
    let answer = score_exactly("Content 2024-06-01_2025-09-30 Planes.zip", archive, &[]);
    answer.has_status(0).says("Table data.csv");
    assert_eq!(
        answer.scores(),
        score(STUDIO, &["--as-of", "2025-09-30"]).scores(),
        "the archive's name has the date"
    );
    answer.says("from 2024-06-01 on, and 1 of the videos are older");
}

#[test]
fn case_f01_likes_and_comments_make_engagement_when_they_were_ticked() {
    let form = Form {
        names: STUDIO_NAMES,
        dates: Dates::Studio,
        studio_rows: true,
        ..Form::default()
    };
    let answer = score(write(&channel(), &form), &[]);
    answer.has_status(0);
    assert!(
        answer
            .lines
            .iter()
            .any(|line| line["engagement_z"].is_number())
    );
    assert!(!answer.said.contains("no engagement"), "{}", answer.said);
}

#[test]
fn case_f02_a_renamed_export_is_read_without_its_sum_and_its_draft() {
    let mut text = "title,published_at,views,likes,comments\nTotal,,61234,4210,377\n".to_owned();
    for day in 1..=12 {
        text.push_str(&format!(
            "Video {day},\"Jan {day}, 2024\",{},40,5\n",
            900 + day
        ));
    }
    text.push_str("Unlisted tour,,13,1,0\n");
    let answer = score(text, &[]);
    answer
        .has_status(0)
        .says("1 total row, 1 row without a date");
    assert_eq!(
        (answer.lines.len(), &answer.lines[11]["n"]),
        (12, &11.into())
    );
}

#[test]
fn case_f03_a_german_export_has_rows_with_nothing_but_impressions() {
    let text = "Videos,Videotitel,Veröffentlichungszeitpunkt des Videos,Dauer,Likes,Gewonnene Abonnenten,Impressionen,Klickrate der \
        Impressionen (%),Aufrufe\nGesamt,,,,16,1,81,2.1,1321\naB3dE5fG7hI,\"Hobel, ganz einfach\",\"Aug 20, \
        2011\",612,12,1,21,6.2,1100\n -sT5uV7wX9y,,,,4,0,53,0,199\n-0UqM1d506k,,,,,,7,0,\n";
    let answer = score(text, &[]);
    answer
        .has_status(0)
        .says("1 total row, 2 rows without a date")
        .says("no comments");
    assert_eq!(answer.titles(), ["Hobel, ganz einfach"]);
}

#[test]
fn case_f03_an_export_in_a_language_that_is_not_known_is_told_how() {
    let text = "Efni,Titill,Birt,Áhorf\nSamtals,,,9\naB3dE5fG7hI,Hefill,\"Jan 3, 2024\",9\n";
    score(text, &[])
        .is_refused("--columns title=")
        .says("\"Áhorf\"");
    let told = score(
        text,
        &[
            "--columns",
            "video_id=Efni,title=Titill,published_at=Birt,views=Áhorf",
        ],
    );
    told.has_status(0);
    assert_eq!(told.titles(), ["Hefill"]);
}

#[test]
fn case_f05_takeout_has_no_views() {
    let text = "Video ID,Approx Duration (ms),Video Title (Original),Privacy,Video State,Video Create Timestamp,Video Publish \
        Timestamp\naB3dE5fG7hI,612000,\"Two\nlines\",Public,Processed,2023-11-12T09:41:17+00:00,2023-11-12T10:00:00+00:00\n";
    score(text, &[])
        .is_refused("Google Takeout")
        .says("no views")
        .says("YouTube Studio");
}

#[test]
fn case_f06_na_in_likes_and_comments_is_unknown() {
    let lines = |unknown: &str| {
        let mut text = "title,published_at,views,likes,comments\n".to_owned();
        for clip in 1..=10 {
            let comments = if clip % 2 == 0 { unknown } else { "3" };
            text.push_str(&format!(
                "Clip {clip},202401{:02},{},30,{comments}\n",
                clip + 2,
                800 + clip
            ));
        }
        text
    };
    let empty = score(lines(""), &[]);
    assert_eq!(empty.has_status(0).lines.len(), 10);
    for unknown in ["NA", "null", "None", "nan", "-"] {
        assert_eq!(
            score(lines(unknown), &[]).has_status(0).scores(),
            empty.scores(),
            "{unknown}"
        );
    }
}

#[test]
fn case_f06_a_flat_playlist_has_no_dates() {
    let line = r#"{"_type": "url", "ie_key": "Youtube", "id": "vid00000000", "title": "Clip", "view_count": 900, "upload_date": null, "timestamp": null}"#;
    score_named("list.jsonl", format!("{line}\n{line}\n"), &[])
        .is_refused("--flat-playlist")
        .says("approximate_date");
}

#[test]
fn case_f06_yt_dlp_s_lines_are_read() {
    let mut text = String::new();
    for day in 1..=9 {
        text.push_str(&format!(
            "{{\"_type\": \"video\", \"id\": \"vid0000000{day}\", \"title\": \"Clip {day}\", \"view_count\": {}, \"like_count\": 9, \
             \"comment_count\": null, \"comments\": [{{\"text\": \"nice\"}}], \"upload_date\": \"2024010{day}\", \"format\": \"137+251\", \
             \"epoch\": {}}}\n",
            900 + day,
            1_717_200_000 + day,
        ));
    }
    text.push_str("{\"_type\": \"video\", \"id\": \"vid00000099\", \"title\": \"Soon\", \"view_count\": null, \"live_status\": \"is_upcoming\", \"upload_date\": \"20240110\"}\n{\"_type\": \"vid\n");
    let answer = score_exactly("list.jsonl", text, &[]);
    answer
        .has_status(2)
        .says("line 11: breaks off")
        .says("1 premiere or stream");
    assert_eq!(
        (answer.lines.len(), &answer.lines[8]["n"]),
        (9, &8.into()),
        "the file's own date makes them old enough"
    );
}

#[test]
fn case_f06_a_comma_in_an_unquoted_title_is_reported() {
    let text = "title,published_at,views,likes,comments\nPlane irons, chisels, and me,20240103,1200,40,3\nGood,20240104,1,1,1\n";
    let answer = score(text, &[]);
    answer
        .has_status(2)
        .says("line 2, column 6: the row has 7 fields where the header has 5: put quotes");
    assert_eq!(answer.titles(), ["Good"]);
}

#[test]
fn case_f07_a_trending_list_has_days_with_years_of_two_digits() {
    let header =
        "video_id,trending_date,title,channel_title,publish_time,views,likes,comment_count\r\n";
    let row = |day: &str| {
        format!(
            "aB3dE5fG7hI,{day},\"Sharpen, part 1\",Blade,2017-11-13T17:13:01.000Z,512017,4021,610\r\n"
        )
    };
    let answer = score(
        format!("{header}{}{}", row("17.14.11"), row("17.15.11")),
        &[],
    );
    answer
        .has_status(2)
        .says("line 2, column 2 (trending_date): \"17.14.11\" has a year of two digits");
    assert!(answer.lines.is_empty());
    let answer = score(
        format!("{header}{}{}", row("2017-11-14"), row("2017-11-15")),
        &[],
    );
    answer.has_status(0);
    assert_eq!(answer.lines[1]["basis"], "public_views");
}

#[test]
fn case_f09_a_repeated_video_is_one_video() {
    let mut lines: Vec<String> = (1..=8)
        .map(|video| {
            format!(
                "id{video:09},Video {video},2024-01-0{video}T12:00:00Z,{},40,5\n",
                if video == 7 {
                    90_000
                } else {
                    1000 + 10 * video
                }
            )
        })
        .collect();
    let text = |lines: &[String]| {
        format!(
            "video_id,title,published_at,views,likes,comments\n{}",
            lines.concat()
        )
    };
    let once = score(text(&lines), &[]);
    lines.extend(vec![lines[6].clone(); 5]);
    let often = score(text(&lines), &[]);
    often
        .has_status(0)
        .says("1 video comes more than once (the first is \"id000000007 Video 7\")")
        .says("5 rows are left out");
    assert_eq!(often.scores(), once.scores());
}

#[test]
fn case_f10_a_dot_before_three_digits_is_asked_about() {
    let mut text = "title,published_at,views,likes,comments\n".to_owned();
    for (day, views) in (1..).zip([
        "12.000", "11.500", "13.000", "9.800", "250.000", "10.000", "12.400", "11.000",
    ]) {
        text.push_str(&format!("Folge {day},2024-01-0{day},{views},40,5\n"));
    }
    let asked = score(text.clone(), &[]);
    asked.is_refused("line 2, column 3 (views): \"12.000\" can be 12000 or 12: say which with --thousands . (12000) or --thousands none (12)");
    let plain = score(text.replace(".", ""), &[]);
    assert_eq!(
        score(text.clone(), &["--thousands", "."])
            .has_status(0)
            .scores(),
        plain.scores()
    );
    score(text, &["--thousands", "none"])
        .has_status(2)
        .says("\"11.500\" is not a whole number");
}

#[test]
fn case_f10_other_groupings_are_read_and_abbreviations_reported() {
    let text = |views: &str| format!("title,published_at,views\nA,2024-01-01,\"{views}\"\n");
    for views in ["12,000", "12 000", "12'000", "12\u{a0}000"] {
        score(text(views), &[]).has_status(0);
    }
    for (views, said) in [
        ("1.2K", "abbreviated"),
        ("1,2 Mio.", "abbreviated"),
        ("1.2E+04", "shortened"),
    ] {
        let answer = score(text(views), &[]);
        answer
            .has_status(2)
            .says("line 2, column 3 (views)")
            .says(said);
        assert!(answer.lines.is_empty());
    }
}

#[test]
fn case_f11_what_excel_writes_is_read() {
    let channel = channel();
    let plain = score(write(&channel, &Form::default()), &[]).scores();
    for (said, form) in [
        (
            "semicolons",
            Form {
                separator: ';',
                characters: Characters::Utf8Marked,
                ..Form::default()
            },
        ),
        (
            "semicolons",
            Form {
                separator: ';',
                says_separator: true,
                ..Form::default()
            },
        ),
        (
            "tabs, UTF-16LE",
            Form {
                separator: '\t',
                characters: Characters::Utf16Le,
                ..Form::default()
            },
        ),
        (
            "windows-1252",
            Form {
                characters: Characters::Legacy("windows-1252"),
                ..Form::default()
            },
        ),
        (
            "a table",
            Form {
                line_end: "\r",
                ..Form::default()
            },
        ),
    ] {
        let answer = score(write(&channel, &form), &[]);
        assert_eq!(answer.has_status(0).says(said).scores(), plain, "{said}");
    }
}

#[test]
fn case_f11_a_workbook_is_told_from_an_archive() {
    score_named(
        "a.xlsx",
        zipped(&[("xl/workbook.xml", b"<workbook/>")]),
        &[],
    )
    .is_refused("Excel workbook")
    .says("CSV");
    score_named("a.xls", b"\xD0\xCF\x11\xE0\xA1\xB1".to_vec(), &[]).is_refused("Excel workbook");
    score_named("a.zip", zipped(&[("readme.md", b"hello")]), &[])
        .is_refused("holds no CSV or JSON file");
}

#[test]
fn case_f12_ragged_rows_have_empty_fields() {
    let rows = |end: &str| {
        let mut text = "title,published_at,views,likes,comments\n".to_owned();
        for day in 1..=9 {
            text.push_str(&format!(
                "Song {day},2024-01-0{day},{},40{end}\n",
                1000 + day
            ));
        }
        text
    };
    let plain = score(rows(","), &[]);
    assert_eq!(plain.has_status(0).lines.len(), 9);
    assert_eq!(
        score(rows(""), &[]).has_status(0).scores(),
        plain.scores(),
        "the last comma is missing"
    );
    assert_eq!(
        score(rows(",,,,"), &[]).has_status(0).scores(),
        plain.scores(),
        "there are empty columns"
    );
    score(rows(",5,x"), &[])
        .has_status(2)
        .says("the row has 6 fields where the header has 5");
}

/// A log of six videos over four days.
fn log(day: &str) -> String {
    let mut text = format!("{day},video_id,title,published_at,views,likes,comments\n");
    for age in 1..=4 {
        for video in 1..=6 {
            text.push_str(&format!(
                "2025-02-{:02},v{video},Video {video},2025-02-0{video}T12:00:00Z,{},1,{age}\n",
                video + age,
                1000 * video + 100 * age
            ));
        }
    }
    text
}

#[test]
fn case_f15_a_daily_log_is_compared_at_equal_ages() {
    let observed = score(log("observed_on"), &[]);
    observed.has_status(0);
    assert_eq!(
        (observed.lines.len(), &observed.lines[23]["basis"]),
        (24, &"public_views".into())
    );
    assert!(
        observed.lines[23]["n"].as_u64().is_some_and(|n| n > 3),
        "{}",
        observed.lines[23]
    );
    for day in ["snapshot_date", "date", "timestamp", "Date"] {
        let answer = score(log(day), &[]);
        assert_eq!(
            answer.has_status(0).says("observed_on from").scores(),
            observed.scores(),
            "{day}"
        );
    }
    let mut lines: Vec<String> = log("observed_on").lines().map(str::to_owned).collect();
    lines[1..].reverse();
    assert_eq!(
        score(lines.join("\n"), &[]).scores(),
        observed.scores(),
        "the order of the rows changes nothing"
    );
}

#[test]
fn case_f15_one_day_for_all_is_the_file_s_own_date() {
    let mut text = "fetched_at,title,published_at,views\n".to_owned();
    for day in 1..=9 {
        text.push_str(&format!(
            "2024-03-01,Video {day},2024-01-0{day},{}\n",
            1000 + day
        ));
    }
    let answer = score_exactly("videos.csv", text.clone(), &[]);
    answer.has_status(0);
    assert_eq!(
        (&answer.lines[8]["basis"], &answer.lines[8]["n"]),
        (&"lifetime".into(), &8.into())
    );
    let later = score(text.replace("2024-03-01", "2024-01-20"), &[]);
    assert!(
        later.lines.iter().all(|line| line["label"] == "too_recent"),
        "the counts were read too early"
    );
}

#[test]
fn case_y10_counters_that_are_hidden_in_the_api_s_answer_are_unknown() {
    let item = |id: &str, published: &str, coming: &str, statistics: &str| {
        format!(
            r#"{{"kind":"youtube#video","id":"{id}","snippet":{{"publishedAt":"{published}","title":"{id}","liveBroadcastContent":"{coming}","thumbnails":{{"default":{{"url":"x"}}}}}},"contentDetails":{{"duration":"PT58S"}},"statistics":{{{statistics}}}}}"#
        )
    };
    let items = [
        item(
            "aB3dE5fG7hI",
            "2024-01-03T10:00:00Z",
            "none",
            r#""viewCount":"1200","likeCount":"40","favoriteCount":"0","commentCount":"5""#,
        ),
        item(
            "kL9mN1oP3qR",
            "2024-01-05T10:00:00Z",
            "none",
            r#""viewCount":"900","favoriteCount":"0""#,
        ),
        item(
            "sT5uV7wX9yz",
            "2024-01-09T10:00:00Z",
            "upcoming",
            r#""viewCount":"0","likeCount":"3""#,
        ),
    ];
    let page = format!(
        "{{\n\"kind\": \"youtube#videoListResponse\", \"items\": [{}]}}",
        items.join(",")
    );
    let answer = score_named("videos.json", page.clone(), &[]);
    answer
        .has_status(0)
        .says("YouTube Data API")
        .says("1 premiere or stream");
    assert_eq!(answer.titles(), ["aB3dE5fG7hI", "kL9mN1oP3qR"]);
    let pages = format!("[{page},{page}]");
    assert_eq!(
        score_named("pages.json", pages, &[]).has_status(0).scores(),
        answer.scores()
    );
    let two_lists = format!(
        r#"{{"title": "A playlist", "items": [{}], "entries": [{}]}}"#,
        items[0], items[1]
    );
    assert_eq!(
        score_named("lists.json", two_lists, &[])
            .has_status(0)
            .scores(),
        answer.scores()
    );
    let lines = page.replace('\n', "") + "\n";
    assert_eq!(
        score_named("pages.jsonl", lines.repeat(2), &[])
            .has_status(0)
            .scores(),
        answer.scores()
    );
}

#[test]
fn case_y10_other_answers_of_the_api_are_told_apart() {
    let channel = r#"{"items":[{"kind":"youtube#playlistItem","id":"x","snippet":{"title":"A","publishedAt":"2024-01-03T10:00:00Z"},"contentDetails":{"videoId":"aB3dE5fG7hI"}}]}"#;
    score_named("list.json", channel, &[])
        .is_refused("have no views")
        .says("part=snippet,statistics");
    score_named("half.json", r#"{"items":[{"id":"x""#, &[])
        .is_refused("breaks off or is no JSON at line 1");
}

#[test]
fn case_g11_few_or_equal_or_empty_videos_give_no_wrong_numbers() {
    let videos = |views: &[u64]| -> Vec<Video> {
        (0_i32..)
            .zip(views)
            .map(|(day, &views)| Video {
                id: format!("v{day}"),
                title: format!("Video {day}"),
                day: 19_700 + day,
                views,
                likes: None,
                comments: None,
            })
            .collect()
    };
    let answer = |views: &[u64]| {
        score(
            write(
                &videos(views),
                &Form {
                    grouping: Grouping::None,
                    ..Form::default()
                },
            ),
            &[],
        )
    };
    for few in [&[100, 200][..], &[100, 200, 300]] {
        assert!(
            answer(few)
                .lines
                .iter()
                .all(|line| line["label"] == "insufficient_data" && line["score"].is_null())
        );
    }
    assert_eq!(answer(&[0; 9]).lines[8]["multiplier"], 1.0);
    assert_eq!(answer(&[500; 20]).lines[19]["label"], "typical");
    let mut viral = [1000_u64; 20];
    viral[10] = 5_000_000;
    let (with, without) = (answer(&viral), answer(&[1000; 20]));
    assert_eq!(
        with.lines[19]["m"], without.lines[19]["m"],
        "one hit does not lower the rest"
    );
    assert_eq!(with.lines[19]["label"], "typical");
}

#[test]
fn the_strict_order_of_time_decides_and_not_the_order_of_rows() {
    let text = "title,published_at,views\nA,2024-01-01,10\nB,2024-01-02,20\nC,2024-01-03,30\nD,2024-01-04,40\nE,2024-01-04,50\nF,2024-01-04T09:00:00Z,60\n";
    let answer = score(text, &[]);
    let n: Vec<u64> = answer
        .lines
        .iter()
        .filter_map(|line| line["n"].as_u64())
        .collect();
    assert_eq!(n, [0, 1, 2, 3, 3, 3]);
}

#[test]
fn two_columns_for_one_count_are_asked_about() {
    let text = "title,published_at,views,View count\nA,2024-01-01,10,20\n";
    score(text, &[]).is_refused("--columns views=#3 or --columns views=#4");
    score(text, &["--columns", "views=#4"]).has_status(0);
    score(text, &["--columns", "views=Aufrufe"]).is_refused("no column is called \"Aufrufe\"");
}

#[test]
fn studio_s_chart_data_are_views_of_single_days() {
    let text = "Date,Content,Video title,Video publish time,Duration,Views\n2024-01-01,aB3dE5fG7hI,A,\"Nov 12, 2023\",612,5\n";
    score(text, &[])
        .is_refused("chart data")
        .says("Table data.csv");
    score("Date,Views\n2024-01-01,5\n", &[]).is_refused("sum of each day");
}

#[test]
fn lines_above_the_header_are_passed_over() {
    let text = "My channel\n\n2024 report,,\nTitle,Published,Views\nA,2024-01-01,10\n";
    let answer = score(text, &[]);
    assert_eq!(answer.has_status(0).lines[0]["row"], 1);
}
