//! What cannot be read, said so that a person can mend it: the place, the rule and the way out in one sentence.

/// The file cannot be scored.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::score) struct Refusal {
    /// The place, where there is one.
    pub(in crate::score) place: Option<Place>,
    /// The names of the columns, to say the place.
    pub(in crate::score) header: Vec<String>,
    /// The rule and the way out.
    pub(in crate::score) message: String,
}

/// A row cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::score) struct Malformed {
    /// Where it stands.
    pub(in crate::score) place: Place,
    /// What is wrong and what would be right.
    pub(in crate::score) message: String,
}

/// A field of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::score) struct Place {
    /// The line on which the record starts, from 1; 0 where the file has no lines that mean anything.
    pub(in crate::score) line: u32,
    /// The place among the rows of the file, from 1.
    pub(in crate::score) row: u32,
    /// The field, from 0; the greatest number for the whole record.
    pub(in crate::score) column: usize,
}

impl Refusal {
    /// Of the whole file.
    pub(super) fn file(message: impl Into<String>) -> Self {
        Self {
            place: None,
            header: Vec::new(),
            message: message.into(),
        }
    }

    /// Of the whole file, because of a field.
    pub(super) fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            header: Vec::new(),
            message: message.into(),
        }
    }
}

impl Refusal {
    /// In one sentence.
    pub(in crate::score) fn say(&self) -> String {
        match self.place {
            Some(place) => format!("{}: {}", place.say(&self.header), self.message),
            None => self.message.clone(),
        }
    }

    /// With the names of the columns.
    pub(super) fn with(self, header: &[String]) -> Self {
        let header = header.to_vec();
        Self { header, ..self }
    }
}

impl Place {
    /// The place as a person finds it; `header` names the columns.
    pub(in crate::score) fn say(self, header: &[String]) -> String {
        let name = header
            .get(self.column)
            .filter(|name| !name.trim().is_empty())
            .map(|name| format!(" ({})", crate::score::text::clean(name)))
            .unwrap_or_default();
        if self.line == 0 {
            return format!("item {}{name}", self.row);
        }
        if self.column == usize::MAX {
            return format!("line {}", self.line);
        }
        format!("line {}, column {}{name}", self.line, self.column + 1)
    }
}
