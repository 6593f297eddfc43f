//! A file and any faithful export of it give the same scores.

use proptest::prelude::*;

use crate::export::{Characters, Dates, Form, Grouping, Video, write};
use crate::score;

fn videos() -> impl Strategy<Value = Vec<Video>> {
    let count = || prop_oneof![3 => (0_u64..50_000).prop_map(Some), 1 => Just(None)];
    let video = (
        "[ -~äß✓]{1,12}",
        19_000_i32..19_900,
        0_u64..3_000_000,
        count(),
        count(),
    );
    prop::collection::vec(video, 1..40).prop_map(|videos| {
        let mut videos: Vec<Video> = videos
            .into_iter()
            .enumerate()
            .map(|(place, (title, day, views, likes, comments))| Video {
                id: format!("v{place:010}"),
                title: format!("{place} {title}"),
                day,
                views,
                likes,
                comments,
            })
            .collect();
        // It shows what groups thousands and whether the day or the month comes first.
        videos.push(Video {
            id: "v9999999999".to_owned(),
            title: "The hit".to_owned(),
            day: 19_050 + 27,
            views: 12_345_678,
            likes: Some(1_234_567),
            comments: Some(1_234_567),
        });
        videos
    })
}

fn form() -> impl Strategy<Value = Form> {
    let characters = prop::sample::select(vec![
        Characters::Utf8,
        Characters::Utf8Marked,
        Characters::Utf16Le,
        Characters::Utf16Be,
        Characters::Legacy("windows-1252"),
    ]);
    let grouping = prop::sample::select(vec![
        Grouping::None,
        Grouping::PointZero,
        Grouping::Indian,
        Grouping::With('.'),
        Grouping::With(','),
        Grouping::With(' '),
        Grouping::With('\''),
    ]);
    let dates = prop::sample::select(vec![
        Dates::Iso,
        Dates::Midnight,
        Dates::Digits,
        Dates::Slashes,
        Dates::Dots,
        Dates::DayFirst,
        Dates::MonthFirst,
        Dates::Studio,
        Dates::DayMonth,
        Dates::Japanese,
        Dates::Seconds,
    ]);
    let separator = prop::sample::select(vec![',', ';', '\t', '|']);
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let unknown = prop::sample::select(vec!["", "NA", "null", "-", "nan"]);
    let columns = prop::sample::select(vec![
        &[0, 1, 2, 3, 4, 5][..],
        &[5, 4, 3, 2, 1, 0],
        &[2, 3, 1, 5, 4, 0],
    ]);
    let flags = prop::array::uniform4(prop::bool::ANY);
    (
        characters, grouping, dates, separator, line_end, unknown, columns, flags,
    )
        .prop_map(
            |(characters, grouping, dates, separator, line_end, unknown, columns, flags)| {
                let [quotes, says_separator, studio_rows, is_surplus] = flags;
                Form {
                    characters,
                    grouping,
                    dates,
                    separator,
                    line_end,
                    unknown,
                    columns,
                    quotes,
                    says_separator,
                    studio_rows,
                    surplus: usize::from(is_surplus) * 2,
                    is_ragged: !is_surplus && columns[0] == 0,
                    ..Form::default()
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_faithful_export_gives_the_same_scores(
        (videos, shuffled) in videos().prop_flat_map(|videos| (Just(videos.clone()), Just(videos).prop_shuffle())),
        form in form(),
    ) {
        let plain = score(write(&videos, &Form::default()), &[]);
        prop_assert_eq!(plain.status, 0, "{}", plain.said);
        let exported = score(write(&shuffled, &form), &[]);
        prop_assert_eq!(exported.status, 0, "{}", exported.said);
        prop_assert_eq!(exported.scores(), plain.scores(), "{}", exported.said);
    }
}
