//! Who changes something at a prompt.

use crate::{Error, Result};

/// How long a name may be, as the history keeps it.
const LONGEST: usize = 200;

/// Whose change it is.
#[derive(Debug, clap::Args)]
pub struct Operator {
    /// Who makes the change, for the history; otherwise the name of whoever is logged in.
    #[arg(long, env = "CATALYST_OPERATOR", value_name = "WHO")]
    by: Option<String>,
}

impl Operator {
    /// The name that the history keeps.
    ///
    /// # Errors
    ///
    /// When nobody is named, or the name is longer than 200 characters.
    pub(crate) fn name(&self) -> Result<String> {
        let logged_in = || {
            ["USER", "LOGNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok())
        };
        let name = self.by.clone().or_else(logged_in).unwrap_or_default();
        let name = name.trim();
        match name.chars().count() {
            1..=LONGEST => Ok(name.to_owned()),
            0 => Err(Error::setup(
                "nobody says who makes the change",
                "name yourself: --by WHO",
            )),
            _ => Err(Error::setup(
                "--by is longer than 200 characters",
                "a name is enough",
            )),
        }
    }
}
