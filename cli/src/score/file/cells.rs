//! Objects as rows of a table whose columns are the keys that are known.

use std::fmt::Display;
use std::io::Write as _;

use super::header::Origin;
use super::text::Text;

/// No dump spells the names that are known in more ways.
const MOST_NAMES: usize = 100;

/// What was read of objects so far.
pub(super) struct Cells {
    /// The keys that are known, in the order of their first value.
    pub(super) names: Vec<String>,
    /// What the cells point into.
    pub(super) text: Vec<u8>,
    /// Where the objects come from.
    pub(super) origin: Origin,
    /// The line that is being read; 0 where lines mean nothing.
    pub(super) line: u32,
    cells: Vec<(u16, Text)>,
    /// Where the cells of each object end, and its line.
    ends: Vec<(u32, u32)>,
}

impl Default for Cells {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            text: Vec::new(),
            origin: Origin::Table,
            line: 0,
            cells: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl Cells {
    /// Sets a cell of the object that is being read.
    pub(super) fn set(&mut self, key: &str, value: impl Display) {
        let column = self.names.iter().position(|name| name == key);
        if column.is_none() && self.names.len() == MOST_NAMES {
            return;
        }
        let start = self.text.len();
        // Writing to memory cannot fail.
        drop(write!(self.text, "{value}"));
        let column = column.unwrap_or_else(|| {
            self.names.push(key.to_owned());
            self.names.len() - 1
        });
        let text = Text::at(start, self.text.len() - start, false);
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        self.cells.push((column, text));
    }

    /// Ends the object that is being read, if anything of it is known.
    pub(super) fn finish(&mut self) {
        let cells = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        if self.ends.last().map_or(0, |(end, _)| *end) < cells {
            self.ends.push((cells, self.line));
        }
    }

    /// How many cells there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Forgets the cells from a place on.
    pub(super) fn truncate(&mut self, length: usize) {
        self.cells.truncate(length);
        while self
            .ends
            .last()
            .is_some_and(|(end, _)| *end as usize > length)
        {
            self.ends.pop();
        }
    }

    /// Each object's line and fields, in their order.
    pub(super) fn objects(&self) -> impl Iterator<Item = (u32, Vec<Text>)> {
        let mut start = 0;
        self.ends.iter().map(move |&(end, line)| {
            let mut fields = vec![Text::default(); self.names.len()];
            for &(column, text) in &self.cells[start..end as usize] {
                fields[usize::from(column)] = text;
            }
            start = end as usize;
            (line, fields)
        })
    }
}
