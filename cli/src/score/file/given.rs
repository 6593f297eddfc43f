//! What a person says about a file that the file does not say itself.

use std::str::FromStr;

use super::columns::Field;

/// The options that decide how a file is read.
#[derive(Clone, Debug, Default)]
pub(in crate::score) struct Given {
    /// Columns by their names in the file; they win over what is recognised.
    pub(in crate::score) columns: Vec<Named>,
    /// What groups the thousands.
    pub(in crate::score) thousands: Option<Thousands>,
    /// Which comes first in dates such as 03/04/2024.
    pub(in crate::score) dates: Option<Order>,
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::score) struct Named {
    /// What it holds.
    pub(super) field: Field,
    /// Its name in the file, or its place from 1.
    pub(super) column: Column,
}

/// How a person names a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// As the header has it.
    Name(String),
    /// `#2` is the second.
    Place(usize),
}

/// What groups the thousands in counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::score) enum Thousands {
    /// 12.000 is twelve thousand.
    Dot,
    /// 12,000 is twelve thousand.
    Comma,
    /// Neither: 12.000 is twelve.
    Neither,
}

/// Which comes first in dates of three numbers with the year last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::score) enum Order {
    /// 03/04/2024 is 3 April.
    DayFirst,
    /// 03/04/2024 is 4 March.
    MonthFirst,
}

impl Named {
    /// Reads `title=Video title,views=Views`; a comma ends a name only where the next column follows.
    pub(in crate::score) fn list(text: &str) -> Result<Vec<Self>, String> {
        let mut pairs: Vec<(Field, String)> = Vec::new();
        for part in text.split(',') {
            match (
                part.split_once('=')
                    .map(|(name, column)| (Field::named(name), column)),
                pairs.last_mut(),
            ) {
                (Some((Some(field), column)), _) => pairs.push((field, column.to_owned())),
                (_, Some((_, column))) => {
                    column.push(',');
                    column.push_str(part);
                }
                (_, None) => {
                    return Err(format!(
                        "\"{part}\" names no column; write for example title=\"Video title\",views=Views, with any of {}",
                        Field::NAMES
                    ));
                }
            }
        }
        Ok(pairs
            .into_iter()
            .map(|(field, column)| Self {
                field,
                column: Column::from(column.trim()),
            })
            .collect())
    }
}

impl From<&str> for Column {
    fn from(text: &str) -> Self {
        let text = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        match text.strip_prefix('#').and_then(|place| place.parse().ok()) {
            Some(place) => Self::Place(place),
            None => Self::Name(text.to_owned()),
        }
    }
}

impl FromStr for Thousands {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "." | "dot" => Ok(Self::Dot),
            "," | "comma" => Ok(Self::Comma),
            "none" => Ok(Self::Neither),
            _ => Err("write . or , or none".to_owned()),
        }
    }
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "dmy" => Ok(Self::DayFirst),
            "mdy" => Ok(Self::MonthFirst),
            _ => Err("write dmy (day first) or mdy (month first)".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_in_one_list() {
        let list =
            Named::list("title=Video title,views=Views, all time,published_at=#3").expect("a list");
        let columns: Vec<(Field, Column)> = list
            .into_iter()
            .map(|named| (named.field, named.column))
            .collect();
        assert_eq!(
            columns,
            [
                (Field::Title, Column::Name("Video title".to_owned())),
                (Field::Views, Column::Name("Views, all time".to_owned())),
                (Field::PublishedAt, Column::Place(3)),
            ]
        );
        assert_eq!(
            Named::list("likes=\"a, b\"").expect("a list")[0].column,
            Column::Name("a, b".to_owned())
        );
    }

    #[test]
    fn a_list_without_a_column_is_refused() {
        let message = Named::list("Views").expect_err("no column");
        assert!(message.contains("published_at"), "{message}");
    }
}
