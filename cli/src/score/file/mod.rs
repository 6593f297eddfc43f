//! Reads the files that creators have into rows.
//!
//! One step a file, in this order: [`container`] tells an archive and foreign files from text, [`archive`] unpacks,
//! [`encoding`] decodes, [`sheet`] finds out whether the text holds [`objects`] in JSON or [`records`] behind a header,
//! [`header`] recognises the columns by their [`names`], [`survey`] decides for whole columns how [`counts`] and
//! [`dates`] are to be read, [`row`] reads them, and [`videos`] finds the rows of one video.

mod archive;
mod cells;
mod columns;
mod container;
mod counts;
mod dates;
mod day_words;
mod encoding;
mod given;
mod header;
mod json;
mod moment;
mod months;
mod names;
mod objects;
mod records;
mod refusal;
mod row;
mod said;
mod sheet;
mod survey;
mod table;
mod text;
mod videos;

pub(super) use archive::LIMIT;
pub(super) use dates::parse_time;
pub(super) use given::{Given, Named, Order, Thousands};
pub(super) use row::Row;
pub(super) use table::Table;
