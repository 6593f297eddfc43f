//! The file, parsed.

use super::columns::Columns;
use super::records::{Records, RowError};
use super::row::{Row, parse_row};

/// The well-formed rows of a file, and what is wrong with the others.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) has_format: bool,
    pub(super) has_observations: bool,
    pub(super) rows: Vec<Row>,
    pub(super) errors: Vec<RowError>,
}

impl Table {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, RowError> {
        let mut records = Records::new(bytes);
        let header = match records.next() {
            Some(header) => header?,
            None => {
                return Err(RowError::at(1, 0, "the file is empty"));
            }
        };
        let columns = Columns::find(&header)?;
        let mut table = Self {
            has_format: columns.format.is_some(),
            has_observations: columns.observed_on.is_some(),
            header: header.fields,
            rows: Vec::new(),
            errors: Vec::new(),
        };
        for (place, record) in records.enumerate() {
            match record
                .and_then(|record| parse_row(place + 1, record, &columns, table.header.len()))
            {
                Ok(row) => table.rows.push(row),
                Err(error) => table.errors.push(error),
            }
        }
        Ok(table)
    }

    /// Whether a row's format is needed and not known.
    pub(super) fn lacks_format(&self, row: &Row) -> bool {
        self.has_format && row.format.is_none()
    }
}
