//! The tables in which YouTube Analytics answers.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

/// A report: columns by name, cells as they came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    #[serde(default)]
    pub(super) column_headers: Vec<Column>,
    #[serde(default)]
    pub(super) rows: Vec<Vec<Value>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Column {
    #[serde(default)]
    pub(super) name: String,
}

impl Table {
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) table: &'a Table,
    pub(super) cells: &'a [Value],
}

impl<'a> Row<'a> {
    pub(super) fn cell(self, name: &str) -> Option<&'a Value> {
        let index = self
            .table
            .column_headers
            .iter()
            .position(|column| column.name == name)?;
        self.cells.get(index)
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.cell(name)?.as_str()
    }

    pub(super) fn number(self, name: &str) -> Option<f64> {
        let number = match self.cell(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite())
    }

    pub(super) fn day(self) -> Option<Date> {
        self.text("day")?.parse().ok()
    }
}
