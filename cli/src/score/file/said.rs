//! What was recognised and left out, in words.

use super::columns::Field;
use super::header::Origin;
use super::row::LeftOut;
use super::sheet::Sheet;

use crate::score::text::quoted;

/// One line: what the file is taken for, which column is which, and what is left out.
pub(super) fn recognised(
    sheet: &Sheet,
    left_out: &[(LeftOut, usize)],
    has_observations: bool,
) -> String {
    let header = &sheet.header;
    let mut said = format!("read as {}", kind(sheet));
    let column = |field: Field| {
        let maybe = header
            .columns
            .maybe_observed
            .filter(|_| field == Field::ObservedOn);
        let place = header.columns.get(field).or(maybe);
        place.and_then(|place| header.names.get(place))
    };
    let used: Vec<String> = Field::ALL
        .into_iter()
        .filter(|&field| {
            field != Field::Broadcast && (field != Field::ObservedOn || has_observations)
        })
        .filter_map(|field| Some(format!("{} from {}", field.name(), quoted(column(field)?))))
        .collect();
    said.push_str(": ");
    said.push_str(&used.join(", "));
    let absent = |field: Field| column(field).is_none();
    said.push_str(match (absent(Field::Likes), absent(Field::Comments)) {
        (true, true) => "; no likes and no comments, so no engagement",
        (true, false) => "; no likes, so no engagement",
        (false, true) => "; no comments, so no engagement",
        (false, false) => "",
    });
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(why, count)| *why != LeftOut::Blank && *count > 0)
        .map(|&(why, count)| format!("{count} {}", reason(why, count)))
        .collect();
    if !left_out.is_empty() {
        said.push_str("; left out: ");
        said.push_str(&left_out.join(", "));
    }
    said
}

fn kind(sheet: &Sheet) -> String {
    let mut kind = match sheet.header.origin {
        Origin::Studio => "YouTube Studio's export",
        Origin::DataApi => "answers of the YouTube Data API",
        Origin::YtDlp => "yt-dlp's data",
        Origin::Table if sheet.separator().is_none() => "JSON",
        Origin::Table => "a table",
    }
    .to_owned();
    let mut how = Vec::new();
    if let Some(entry) = &sheet.entry {
        how.push(quoted(entry));
    }
    match sheet.separator() {
        Some(b';') => how.push("semicolons".to_owned()),
        Some(b'\t') => how.push("tabs".to_owned()),
        Some(b',') | None => {}
        Some(other) => how.push(format!(
            "separated by {}",
            quoted(&char::from(other).to_string())
        )),
    }
    if sheet.encoding != "UTF-8" {
        how.push(sheet.encoding.to_owned());
    }
    if !how.is_empty() {
        kind.push_str(&format!(" ({})", how.join(", ")));
    }
    kind
}

fn reason(why: LeftOut, count: usize) -> &'static str {
    match (why, count) {
        (LeftOut::Blank, _) => "blank",
        (LeftOut::Total, 1) => "total row",
        (LeftOut::Total, _) => "total rows",
        (LeftOut::Undated, 1) => "row without a date",
        (LeftOut::Undated, _) => "rows without a date",
        (LeftOut::Unpublished, 1) => "premiere or stream that has not ended",
        (LeftOut::Unpublished, _) => "premieres or streams that have not ended",
        (LeftOut::Viewless, 1) => "video without views",
        (LeftOut::Viewless, _) => "videos without views",
    }
}
