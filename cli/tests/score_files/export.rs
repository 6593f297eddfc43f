//! Writes a channel as people's programs would.

use encoding_rs::Encoding;

/// A video whose day of publication is known.
#[derive(Clone, Debug)]
pub(crate) struct Video {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Days since 1970.
    pub(crate) day: i32,
    pub(crate) views: u64,
    pub(crate) likes: Option<u64>,
    pub(crate) comments: Option<u64>,
}

/// The header: id, title, publication, views, likes, comments, and the name of the sum.
pub(crate) type Names = [&'static str; 7];

/// The columns of YouTube Studio in English.
pub(crate) const STUDIO_NAMES: Names = [
    "Content",
    "Video title",
    "Video publish time",
    "Views",
    "Likes",
    "Comments added",
    "Total",
];

pub(crate) const OURS: Names = [
    "video_id",
    "title",
    "published_at",
    "views",
    "likes",
    "comments",
    "Total",
];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Grouping {
    None,
    With(char),
    /// 12,34,567.
    Indian,
    /// 1234.0.
    PointZero,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Dates {
    Iso,
    Midnight,
    Digits,
    Slashes,
    Dots,
    DayFirst,
    MonthFirst,
    Studio,
    DayMonth,
    Japanese,
    Seconds,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Characters {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
    Utf16LeUnmarked,
    /// Where the text can be written so; else UTF-8.
    Legacy(&'static str),
}

/// How a file is written.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) names: Names,
    pub(crate) separator: char,
    pub(crate) characters: Characters,
    pub(crate) line_end: &'static str,
    pub(crate) grouping: Grouping,
    pub(crate) dates: Dates,
    /// Every field in quotes, not only those that need them.
    pub(crate) quotes: bool,
    pub(crate) says_separator: bool,
    /// A sum of all and a draft without a date, as Studio has them.
    pub(crate) studio_rows: bool,
    /// Empty columns after the last.
    pub(crate) surplus: usize,
    /// Empty fields at the end of a row are not written.
    pub(crate) is_ragged: bool,
    /// How unknown counts are written.
    pub(crate) unknown: &'static str,
    /// The places of the columns, from 0; those that are not named are left out.
    pub(crate) columns: &'static [usize],
}

impl Default for Form {
    fn default() -> Self {
        Self {
            names: OURS,
            separator: ',',
            characters: Characters::Utf8,
            line_end: "\n",
            grouping: Grouping::None,
            dates: Dates::Iso,
            quotes: false,
            says_separator: false,
            studio_rows: false,
            surplus: 0,
            is_ragged: false,
            unknown: "",
            columns: &[0, 1, 2, 3, 4, 5],
        }
    }
}

/// Writes the videos in the order given.
pub(crate) fn write(videos: &[Video], form: &Form) -> Vec<u8> {
    let mut text = String::new();
    if form.says_separator {
        text.push_str(&format!("sep={}{}", form.separator, form.line_end));
    }
    let mut line = |fields: [String; 6]| {
        let mut fields: Vec<String> = form
            .columns
            .iter()
            .map(|&column| quote(&fields[column], form))
            .collect();
        fields.extend(vec![String::new(); form.surplus]);
        while form.is_ragged && fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        text.push_str(&fields.join(&form.separator.to_string()));
        text.push_str(form.line_end);
    };
    line(std::array::from_fn(|column| form.names[column].to_owned()));
    let sum = |count: &dyn Fn(&Video) -> u64| group(videos.iter().map(count).sum(), form.grouping);
    if form.studio_rows {
        let total = form.names[6].to_owned();
        let none = String::new();
        let [views, likes, comments] = [
            sum(&|video| video.views),
            sum(&|video| video.likes.unwrap_or(0)),
            sum(&|video| video.comments.unwrap_or(0)),
        ];
        line([total, none.clone(), none.clone(), views, likes, comments]);
        line([
            "-draft00000".to_owned(),
            "A draft".to_owned(),
            none.clone(),
            "0".to_owned(),
            none.clone(),
            none,
        ]);
    }
    for video in videos {
        let count = |count: Option<u64>| {
            count.map_or(form.unknown.to_owned(), |count| group(count, form.grouping))
        };
        line([
            video.id.clone(),
            video.title.clone(),
            date(video.day, form.dates),
            group(video.views, form.grouping),
            count(video.likes),
            count(video.comments),
        ]);
    }
    encode(&text, form.characters)
}

fn quote(field: &str, form: &Form) -> String {
    let needs_quotes = field.contains([form.separator, '"', '\n', '\r']);
    if needs_quotes || form.quotes && !field.is_empty() {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field.to_owned()
}

fn group(count: u64, grouping: Grouping) -> String {
    let digits = count.to_string();
    let (sign, is_indian) = match grouping {
        Grouping::None => return digits,
        Grouping::PointZero => return format!("{digits}.0"),
        Grouping::With(sign) => (sign, false),
        Grouping::Indian => (',', true),
    };
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        let is_start = if is_indian {
            left == 3 || left > 3 && left % 2 == 1
        } else {
            left.is_multiple_of(3)
        };
        if place > 0 && is_start {
            grouped.push(sign);
        }
        grouped.push(digit);
    }
    grouped
}

fn date(day: i32, form: Dates) -> String {
    let at = jiff::Timestamp::from_second(i64::from(day) * 86_400).expect("in range");
    let pattern = match form {
        Dates::Seconds => return at.as_second().to_string(),
        Dates::Iso => "%Y-%m-%d",
        Dates::Midnight => "%Y-%m-%d 00:00:00",
        Dates::Digits => "%Y%m%d",
        Dates::Slashes => "%Y/%m/%d",
        Dates::Dots => "%d.%m.%Y",
        Dates::DayFirst => "%d/%m/%Y",
        Dates::MonthFirst => "%m/%d/%Y",
        Dates::Studio => "%b %-d, %Y",
        Dates::DayMonth => "%-d %B %Y",
        Dates::Japanese => "%Y年%-m月%-d日",
    };
    at.strftime(pattern).to_string()
}

fn encode(text: &str, characters: Characters) -> Vec<u8> {
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes);
    match characters {
        Characters::Utf8 => text.as_bytes().to_vec(),
        Characters::Utf8Marked => format!("\u{feff}{text}").into_bytes(),
        Characters::Utf16Le => [0xFF, 0xFE]
            .into_iter()
            .chain(utf_16(u16::to_le_bytes))
            .collect(),
        Characters::Utf16Be => [0xFE, 0xFF]
            .into_iter()
            .chain(utf_16(u16::to_be_bytes))
            .collect(),
        Characters::Utf16LeUnmarked => utf_16(u16::to_le_bytes).collect(),
        Characters::Legacy(name) => {
            let encoding = Encoding::for_label(name.as_bytes()).expect("an encoding");
            match encoding.encode(text) {
                (bytes, _, false) => bytes.into_owned(),
                (_, _, true) => text.as_bytes().to_vec(),
            }
        }
    }
}

/// A channel with a hit, a flop, days with two videos, and counts that are not known.
pub(crate) fn channel() -> Vec<Video> {
    let start = 19_720;
    (0..26_i32)
        .map(|place| {
            let views = match place {
                7 => 1_234_567,
                16 => 45,
                _ => 9_000 + 137 * u64::from(place.unsigned_abs()),
            };
            Video {
                id: format!(
                    "{}aB3dE5f-_{place:02}",
                    if place % 9 == 4 { "-" } else { "x" }
                ),
                title: match place % 5 {
                    0 => format!("Folge {place}, mit \"Anführung\""),
                    1 => format!("Clip {place}; second"),
                    2 => format!("Plain {place}"),
                    3 => format!("Tab\tand line\nbreak {place}"),
                    _ => format!("Ünïcödé {place}"),
                },
                day: start + place * 5 / 2 - i32::from(place == 9),
                views,
                likes: (place % 6 != 5).then_some(views / 30),
                comments: (place % 8 != 3).then_some(views / 400 + 1),
            }
        })
        .collect()
}
