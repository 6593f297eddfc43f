//! A named value that an operator may change.

use platform::closest::closest;

use super::value::Range;
use crate::{Error, Result};

/// A name, what it may be, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// What it is called; a point stands before a field of an object.
    pub name: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it does, a sentence.
    pub meaning: &'static str,
}

impl Setting {
    /// The row that holds it, and the field of it.
    pub(crate) fn place(&self) -> (&'static str, Option<&'static str>) {
        match self.name.split_once('.') {
            Some((key, field)) => (key, Some(field)),
            None => (self.name, None),
        }
    }
}

/// The one of this name.
///
/// # Errors
///
/// When there is none: the nearest name, or where the names are.
pub(crate) fn named(list: &'static [Setting], name: &str, all: &str) -> Result<&'static Setting> {
    let known = list.iter().find(|setting| setting.name == name);
    known.ok_or_else(|| {
        let names = list.iter().map(|setting| setting.name);
        let cure = match closest(name, names) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("`{all}` has their names"),
        };
        Error::setup(format!("there is no {name}"), cure)
    })
}
