//! Files of many kinds, each of which says the same as a plain one.

use crate::export::{Characters, Dates, Form, Grouping, Names, STUDIO_NAMES, channel, write};
use crate::score;

/// How YouTube Studio and people name the columns, by language.
const LANGUAGES: [(&str, Names); 21] = [
    ("en", STUDIO_NAMES),
    (
        "de",
        [
            "Videos",
            "Videotitel",
            "Veröffentlichungszeitpunkt des Videos",
            "Aufrufe",
            "Likes",
            "Hinzugefügte Kommentare",
            "Gesamt",
        ],
    ),
    (
        "es",
        [
            "Contenido",
            "Título del vídeo",
            "Hora de publicación del vídeo",
            "Visualizaciones",
            "Me gusta",
            "Comentarios añadidos",
            "Total",
        ],
    ),
    (
        "es-419",
        [
            "Contenido",
            "Título del video",
            "Hora de publicación del video",
            "Vistas",
            "Me gusta",
            "Comentarios agregados",
            "Total",
        ],
    ),
    (
        "pt",
        [
            "Conteúdo",
            "Título do vídeo",
            "Horário de publicação do vídeo",
            "Visualizações",
            "Gostei",
            "Comentários adicionados",
            "Total",
        ],
    ),
    (
        "fr",
        [
            "Contenu",
            "Titre de la vidéo",
            "Heure de publication de la vidéo",
            "Vues",
            "J'aime",
            "Commentaires ajoutés",
            "Total",
        ],
    ),
    (
        "it",
        [
            "Contenuti",
            "Titolo video",
            "Ora pubblicazione video",
            "Visualizzazioni",
            "Mi piace",
            "Commenti aggiunti",
            "Totale",
        ],
    ),
    (
        "nl",
        [
            "Content",
            "Videotitel",
            "Publicatietijd van video",
            "Weergaven",
            "Vind-ik-leuks",
            "Toegevoegde reacties",
            "Totaal",
        ],
    ),
    (
        "pl",
        [
            "Treść",
            "Tytuł filmu",
            "Czas publikacji filmu",
            "Wyświetlenia",
            "Polubienia",
            "Dodane komentarze",
            "Suma",
        ],
    ),
    (
        "tr",
        [
            "İçerik",
            "Video başlığı",
            "Video yayınlanma zamanı",
            "Görüntülemeler",
            "Beğeniler",
            "Eklenen yorumlar",
            "Toplam",
        ],
    ),
    (
        "ru",
        [
            "Контент",
            "Название видео",
            "Время публикации видео",
            "Просмотры",
            "Отметки \"Нравится\"",
            "Добавлено комментариев",
            "Итого",
        ],
    ),
    (
        "uk",
        [
            "Контент",
            "Назва відео",
            "Час публікації відео",
            "Перегляди",
            "Уподобання",
            "Додані коментарі",
            "Усього",
        ],
    ),
    (
        "id",
        [
            "Konten",
            "Judul video",
            "Waktu publikasi video",
            "Penayangan",
            "Suka",
            "Komentar ditambahkan",
            "Total",
        ],
    ),
    (
        "vi",
        [
            "Nội dung",
            "Tiêu đề video",
            "Thời gian xuất bản video",
            "Số lượt xem",
            "Số lượt thích",
            "Số bình luận đã thêm",
            "Tổng",
        ],
    ),
    (
        "ja",
        [
            "コンテンツ",
            "動画のタイトル",
            "動画公開時刻",
            "視聴回数",
            "高評価数",
            "コメント追加回数",
            "合計",
        ],
    ),
    (
        "ko",
        [
            "콘텐츠",
            "동영상 제목",
            "동영상 게시 시간",
            "조회수",
            "좋아요",
            "추가된 댓글 수",
            "합계",
        ],
    ),
    (
        "zh-TW",
        [
            "內容",
            "影片標題",
            "影片發布時間",
            "觀看次數",
            "喜歡次數",
            "已新增留言",
            "總計",
        ],
    ),
    (
        "zh-CN",
        [
            "内容",
            "视频标题",
            "视频发布时间",
            "观看次数",
            "喜欢次数",
            "已添加的评论",
            "总计",
        ],
    ),
    (
        "ar",
        [
            "المحتوى",
            "عنوان الفيديو",
            "وقت نشر الفيديو",
            "المشاهدات",
            "الإعجابات",
            "التعليقات المضافة",
            "الإجمالي",
        ],
    ),
    (
        "hi",
        [
            "कॉन्टेंट",
            "वीडियो का टाइटल",
            "वीडियो पब्लिश होने का समय",
            "व्यू",
            "पसंद",
            "जोड़ी गई टिप्पणियां",
            "कुल",
        ],
    ),
    (
        "own",
        [
            "id",
            "Name",
            "Upload_Date",
            "viewCount",
            "like count",
            "COMMENT_COUNT",
            "Sum",
        ],
    ),
];

/// Ways of writing, of which every language takes four in turn.
fn ways() -> Vec<Form> {
    let plain = Form::default;
    let old_mac = |form: Form| Form {
        line_end: "\r",
        ..form
    };
    vec![
        Form {
            dates: Dates::Studio,
            studio_rows: true,
            ..plain()
        },
        Form {
            separator: ';',
            grouping: Grouping::With('.'),
            dates: Dates::Dots,
            characters: Characters::Utf8Marked,
            line_end: "\r\n",
            ..plain()
        },
        Form {
            separator: '\t',
            characters: Characters::Utf16Le,
            line_end: "\r\n",
            dates: Dates::DayFirst,
            ..plain()
        },
        Form {
            separator: ';',
            says_separator: true,
            characters: Characters::Legacy("windows-1252"),
            dates: Dates::DayMonth,
            ..plain()
        },
        Form {
            grouping: Grouping::With(','),
            dates: Dates::MonthFirst,
            quotes: true,
            unknown: "NA",
            ..plain()
        },
        old_mac(Form {
            separator: ';',
            grouping: Grouping::With('\u{202f}'),
            dates: Dates::Midnight,
            ..plain()
        }),
        Form {
            is_ragged: true,
            dates: Dates::Digits,
            unknown: "",
            ..plain()
        },
        Form {
            surplus: 3,
            grouping: Grouping::PointZero,
            unknown: "nan",
            dates: Dates::Slashes,
            ..plain()
        },
        Form {
            separator: '|',
            grouping: Grouping::With('\''),
            dates: Dates::Japanese,
            ..plain()
        },
        Form {
            characters: Characters::Utf16Be,
            dates: Dates::Seconds,
            unknown: "null",
            separator: '\t',
            ..plain()
        },
        Form {
            grouping: Grouping::Indian,
            unknown: "-",
            dates: Dates::Midnight,
            surplus: 1,
            ..plain()
        },
        Form {
            characters: Characters::Legacy("windows-1251"),
            separator: ';',
            grouping: Grouping::With(' '),
            studio_rows: true,
            ..plain()
        },
        Form {
            characters: Characters::Utf16LeUnmarked,
            separator: '\t',
            studio_rows: true,
            dates: Dates::Studio,
            ..plain()
        },
    ]
}

#[test]
fn every_language_in_every_way_of_writing_gives_the_same_scores() {
    let channel = channel();
    let plain = score(write(&channel, &Form::default()), &[]);
    plain.has_status(0);
    assert_eq!(plain.lines.len(), channel.len());
    let mut files = 0;
    for (place, (language, names)) in LANGUAGES.iter().enumerate() {
        for turn in 0..4 {
            let ways = ways();
            let way = (place * 5 + turn * 3) % ways.len();
            let form = Form {
                names: *names,
                ..ways[way].clone()
            };
            let mut videos = channel.clone();
            // Sorted by views as Studio does, backwards, or as they are.
            match turn {
                0 => videos.sort_by_key(|video| std::cmp::Reverse(video.views)),
                1 => videos.reverse(),
                _ => {}
            }
            let answer = score(write(&videos, &form), &[]);
            let name = format!("{language}, way {way}: {}", answer.said);
            assert_eq!(answer.status, 0, "{name}");
            assert_eq!(answer.scores(), plain.scores(), "{name}");
            if form.studio_rows {
                assert!(
                    answer.said.contains("1 total row, 1 row without a date"),
                    "{name}"
                );
            }
            files += 1;
        }
    }
    assert!(files >= 60, "{files} files");
}

#[test]
fn repeated_rows_count_once_wherever_they_stand() {
    let channel = channel();
    let plain = score(write(&channel, &Form::default()), &[]).scores();
    for turn in 0..8 {
        let mut videos = channel.clone();
        for place in [3, 7, 11] {
            let mut older = channel[place].clone();
            older.views -= if turn % 2 == 0 { 0 } else { 5 };
            older.likes = older.likes.map(|likes| likes - likes.min(1));
            videos.insert((place * (turn + 1)) % videos.len(), older);
        }
        let columns: &[usize] = if turn < 4 {
            &[0, 1, 2, 3, 4, 5]
        } else {
            &[1, 2, 3, 4, 5]
        };
        let answer = score(
            write(
                &videos,
                &Form {
                    columns,
                    ..Form::default()
                },
            ),
            &[],
        );
        answer.has_status(0).says("3 videos come more than once");
        assert_eq!(answer.scores(), plain, "turn {turn}");
    }
}

#[test]
fn columns_may_stand_in_any_order_and_likes_or_comments_be_missing() {
    let channel = channel();
    let mut hidden = channel.clone();
    hidden
        .iter_mut()
        .for_each(|video| (video.likes, video.comments) = (None, None));
    let without_engagement = score(write(&hidden, &Form::default()), &[]).scores();
    let orders: [&[usize]; 5] = [
        &[1, 2, 3],
        &[3, 2, 1, 0],
        &[2, 1, 4, 3],
        &[5, 3, 1, 2],
        &[0, 2, 3, 1, 5],
    ];
    for columns in orders {
        let answer = score(
            write(
                &channel,
                &Form {
                    columns,
                    ..Form::default()
                },
            ),
            &[],
        );
        answer.has_status(0).says("so no engagement");
        assert_eq!(answer.scores(), without_engagement, "{columns:?}");
    }
    let all = score(write(&channel, &Form::default()), &[]).scores();
    let reversed = score(
        write(
            &channel,
            &Form {
                columns: &[5, 4, 3, 2, 1, 0],
                ..Form::default()
            },
        ),
        &[],
    );
    assert_eq!(reversed.has_status(0).scores(), all);
}

#[test]
fn what_can_be_read_in_two_ways_is_asked_and_the_option_decides() {
    let mut channel = channel();
    channel.retain(|video| video.views < 1_000_000);
    channel.iter_mut().for_each(|video| {
        video.views = video.views / 1000 * 1000;
        (video.likes, video.comments) = (None, None);
    });
    let plain = score(write(&channel, &Form::default()), &[]).scores();
    for (separator, sign) in [(';', '.'), (',', '.'), (';', ','), ('\t', '.')] {
        let file = write(
            &channel,
            &Form {
                separator,
                grouping: Grouping::With(sign),
                ..Form::default()
            },
        );
        let asked = score(file.clone(), &[]);
        asked
            .is_refused("9")
            .says(&format!("--thousands {sign} (9000)"))
            .says("--thousands none (9)");
        let sign = sign.to_string();
        let told = score(file, &["--thousands", &sign]);
        assert_eq!(told.has_status(0).scores(), plain, "{separator} {sign}");
    }
    let file = write(
        &channel,
        &Form {
            grouping: Grouping::With(','),
            ..Form::default()
        },
    );
    let english = score(file, &[]);
    assert_eq!(
        english.has_status(0).scores(),
        plain,
        "commas between commas group thousands"
    );
}

#[test]
fn dates_that_can_be_read_in_two_ways_are_asked_and_the_option_decides() {
    let mut channel = channel();
    // The first of each month, so that nothing shows whether the day or the month comes first.
    channel.truncate(12);
    for (video, day) in channel.iter_mut().zip([
        19_723, 19_754, 19_783, 19_814, 19_844, 19_875, 19_905, 19_936, 19_967, 19_997, 20_028,
        20_058,
    ]) {
        video.day = day;
    }
    let plain = score(write(&channel, &Form::default()), &[]).scores();
    for (dates, order) in [(Dates::DayFirst, "dmy"), (Dates::MonthFirst, "mdy")] {
        let file = write(
            &channel,
            &Form {
                dates,
                ..Form::default()
            },
        );
        score(file.clone(), &[])
            .is_refused("--dates dmy")
            .says("--dates mdy");
        let told = score(file, &["--dates", order]);
        assert_eq!(told.has_status(0).scores(), plain, "{order}");
    }
}
