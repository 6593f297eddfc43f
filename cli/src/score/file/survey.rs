//! Decides for whole columns what a single field leaves open: whether a sign groups thousands, and whether the day or the
//! month comes first. What nothing in the file decides is asked, never guessed.

use super::columns::Field;
use super::counts::{self, Reading, Shows, Sign};
use super::dates;
use super::given::{Given, Order};
use super::moment;
use super::records::Record;
use super::refusal::{Place, Refusal};
use super::sheet::Sheet;
use crate::score::text::quoted;

/// The columns with counts.
pub(super) const COUNTS: [Field; 3] = [Field::Views, Field::Likes, Field::Comments];

const DATES: [Field; 2] = [Field::PublishedAt, Field::ObservedOn];

/// How the fields of each column are read.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// For each column of counts, whether a dot and whether a comma groups thousands.
    groups: [[bool; 2]; COUNTS.len()],
    /// For each column of dates, what comes first.
    orders: [Option<Order>; DATES.len()],
    /// What is open about dates that may be times of observation, and need not be asked unless they are.
    pub(super) open_observed: Option<Refusal>,
}

/// A field that can be read in two ways.
struct Open {
    place: Place,
    text: String,
    /// Both readings.
    readings: [String; 2],
}

/// What the fields of the file show.
#[derive(Default)]
struct Seen {
    /// Whether a dot, and whether a comma, groups thousands somewhere in the file.
    groups: [bool; 2],
    /// Whether they start a fraction somewhere in the column.
    decimals: [[bool; 2]; COUNTS.len()],
    open_counts: [[Option<Open>; 2]; COUNTS.len()],
    day_first: [bool; DATES.len()],
    month_first: [bool; DATES.len()],
    open_dates: [Option<Open>; DATES.len()],
}

/// Looks at every row.
///
/// # Errors
/// When something is open that neither the file nor an option decides.
pub(super) fn survey(sheet: &Sheet, given: &Given) -> Result<Rules, Refusal> {
    let mut seen = Seen::default();
    for (row, record) in (1..).zip(sheet.records()) {
        if let Ok(record) = record {
            seen.look(sheet, &record, row);
        }
    }
    let mut rules = Rules::default();
    for (column, open) in seen.open_counts.iter().enumerate() {
        for (sign, open) in [Sign::Dot, Sign::Comma].into_iter().zip(open) {
            let (groups, decimal) = (
                seen.groups[sign as usize],
                seen.decimals[column][sign as usize],
            );
            let is_english = sign == Sign::Comma && sheet.separator() != Some(b';');
            let decided = match given.thousands {
                Some(thousands) => Some(thousands.has(sign)),
                None if groups != decimal => Some(groups),
                None if !groups && is_english => Some(true),
                None => None,
            };
            rules.groups[column][sign as usize] = match (decided, open) {
                (Some(groups), _) => groups,
                (None, None) => false,
                (None, Some(open)) => return Err(open.ask_thousands(sign)),
            };
        }
    }
    for (column, open) in seen.open_dates.iter().enumerate() {
        let decided = given
            .dates
            .or(match (seen.day_first[column], seen.month_first[column]) {
                (true, false) => Some(Order::DayFirst),
                (false, true) => Some(Order::MonthFirst),
                _ => None,
            });
        rules.orders[column] = match (decided, open) {
            (None, Some(open)) if column == 1 && sheet.header.columns.maybe_observed.is_some() => {
                rules.open_observed = Some(open.ask_order());
                None
            }
            (None, Some(open)) => return Err(open.ask_order()),
            (decided, _) => decided,
        };
    }
    Ok(rules)
}

impl Rules {
    /// Whether the sign groups thousands in the column.
    pub(super) fn groups(&self, field: Field, sign: Sign) -> bool {
        let column = COUNTS.iter().position(|other| *other == field);
        column.is_some_and(|column| self.groups[column][sign as usize])
    }

    /// What comes first in the column's dates.
    pub(super) fn order(&self, field: Field) -> Option<Order> {
        let column = DATES.iter().position(|other| *other == field);
        column.and_then(|column| self.orders[column])
    }
}

impl Seen {
    fn look(&mut self, sheet: &Sheet, record: &Record, row: u32) {
        let field = |place: usize| {
            record
                .fields
                .get(place)
                .map(|field| field.of(&sheet.source))
                .unwrap_or_default()
        };
        let columns = &sheet.header.columns;
        let at = |column: usize| Place {
            line: record.line,
            row,
            column,
        };
        // Sums and rows without a date are left out, so what they leave open need not be asked.
        let published = [columns.get(Field::PublishedAt), columns.or_published];
        let is_video = published
            .into_iter()
            .flatten()
            .any(|place| !counts::is_unknown(&field(place)));
        for (column, place) in COUNTS
            .into_iter()
            .enumerate()
            .filter_map(|(column, field)| Some((column, columns.get(field)?)))
        {
            let text = field(place);
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            self.look_at_count(column, &text, at(place), is_video);
        }
        let observed = columns.get(Field::ObservedOn).or(columns.maybe_observed);
        let places = [columns.get(Field::PublishedAt), observed];
        for (column, place) in places
            .into_iter()
            .enumerate()
            .filter_map(|(column, place)| Some((column, place?)))
        {
            let text = field(place);
            // A year of four digits comes first: nothing is open.
            if text.bytes().take(4).filter(u8::is_ascii_digit).count() < 4 {
                self.look_at_date(column, &text, at(place), is_video);
            }
        }
    }

    fn look_at_count(&mut self, column: usize, text: &str, place: Place, is_video: bool) {
        let Ok((reading, shows)) = counts::read(text) else {
            return;
        };
        match shows {
            Some(Shows::Groups(sign)) => self.groups[sign as usize] = true,
            Some(Shows::Decimal(sign)) => self.decimals[column][sign as usize] = true,
            None => {}
        }
        if let (
            Reading::Either {
                sign,
                grouped,
                plain,
            },
            true,
        ) = (reading, is_video)
        {
            self.open_counts[column][sign as usize].get_or_insert_with(|| Open {
                place,
                text: text.to_owned(),
                readings: [
                    grouped.to_string(),
                    plain.map_or("a fraction, which no count is".to_owned(), |plain| {
                        plain.to_string()
                    }),
                ],
            });
        }
    }

    fn look_at_date(&mut self, column: usize, text: &str, place: Place, is_video: bool) {
        match dates::read(text) {
            Ok(moment::Reading::Only(Order::DayFirst, _)) => self.day_first[column] = true,
            Ok(moment::Reading::Only(Order::MonthFirst, _)) => self.month_first[column] = true,
            Ok(moment::Reading::Either {
                day_first,
                month_first,
            }) if is_video => {
                let say = |moment: moment::Moment| moment.at.strftime("%Y-%m-%d").to_string();
                self.open_dates[column].get_or_insert_with(|| Open {
                    place,
                    text: text.to_owned(),
                    readings: [say(day_first), say(month_first)],
                });
            }
            _ => {}
        }
    }
}

impl Open {
    fn ask_thousands(&self, sign: Sign) -> Refusal {
        let [grouped, plain] = &self.readings;
        let message = format!(
            "{} can be {grouped} or {plain}: say which with --thousands {} ({grouped}) or --thousands none ({plain})",
            quoted(&self.text),
            sign.as_char()
        );
        Refusal::at(self.place, message)
    }

    fn ask_order(&self) -> Refusal {
        let [day_first, month_first] = &self.readings;
        let message = format!(
            "{} can be {day_first} or {month_first}: say which with --dates dmy ({day_first}) or --dates mdy \
             ({month_first})",
            quoted(&self.text)
        );
        Refusal::at(self.place, message)
    }
}
