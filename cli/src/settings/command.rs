//! `catalyst settings`.

use std::io::Read as _;

use clap::{Args, Subcommand};
use sqlx::Connection as _;

use super::catalogue::SETTINGS;
use super::setting::{Setting, named};
use super::{change, history, list, standing};
use crate::database_args::DatabaseArgs;
use crate::operator::Operator;
use crate::{Error, Result};

/// `catalyst settings`.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every setting with its value, its default, what it may be and who changed it last.
    List,
    /// One setting's value.
    Get {
        /// The setting.
        name: String,
    },
    /// Change a setting; the next request or step heeds it.
    Set {
        /// The setting.
        name: String,
        /// Its value: `default` goes back to the default, `-` reads the value from standard input.
        #[arg(allow_hyphen_values = true)]
        value: String,
        #[command(flatten)]
        operator: Operator,
    },
    /// Who changed what, the newest first.
    History {
        /// One setting, or all fields of one.
        name: Option<String>,
        /// No more than so many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
}

/// Runs the command; true when nothing is odd.
///
/// # Errors
///
/// A name or a value that cannot be, or a database that refuses.
pub async fn run(args: SettingsArgs) -> Result<bool> {
    let set = match &args.action {
        Action::Set {
            name,
            value,
            operator,
        } => Some(wanted(name, value, operator)?),
        Action::Get { name } => named(SETTINGS, name, LIST).map(|_| None)?,
        _ => None,
    };
    let mut connection = args.database.connect().await?;
    let mut is_well = true;
    match (&args.action, set) {
        (Action::Set { .. }, Some((setting, value, made_by))) => {
            let changed = change::set(&mut connection, setting, value.as_ref(), &made_by).await?;
            changed.print(setting, &made_by, args.database.json);
        }
        (Action::History { name, limit }, _) => {
            let (kinds, name) = (&["setting", "secret"][..], name.as_deref());
            let wanted = history::Wanted {
                kinds,
                name,
                most: *limit,
                ..history::Wanted::default()
            };
            history::print(
                &history::read(&mut connection, &wanted).await?,
                args.database.json,
            );
        }
        (action, _) => {
            let (standings, strangers) = standing::all(&mut connection).await?;
            match action {
                Action::Get { name } => list::print_one(&standings, name, args.database.json),
                _ => {
                    list::print_all(&standings, &strangers, args.database.json);
                    is_well = strangers.is_empty();
                }
            }
        }
    }
    drop(connection.close().await);
    Ok(is_well)
}

const LIST: &str = "catalyst settings list";

type Wanted = (&'static Setting, Option<serde_json::Value>, String);

/// What is to be set, before any database is asked.
fn wanted(name: &str, value: &str, operator: &Operator) -> Result<Wanted> {
    let setting = named(SETTINGS, name, LIST)?;
    let mut text = value.to_owned();
    if value == "-" {
        text.clear();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(Error::io("cannot read standard input"))?;
    }
    Ok((setting, change::read(setting, &text)?, operator.name()?))
}
