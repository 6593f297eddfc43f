//! How the database and the folder agree.

use std::{collections::BTreeMap, fmt, path::Path};

use sqlx::{Connection as _, postgres::PgConnectOptions};

use super::error::MigrateError;
use super::files::{Migration, read};
use super::history::{self, Applied};
use super::statements::{canonical_all, statements};
use crate::{Result, postgres::connection::connect};

/// Where one migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Applied, and the file is what was applied.
    Applied,
    /// Applied by another tool, which kept no checksum; the statements agree.
    AppliedElsewhere,
    /// Applied, and the file has changed since.
    Changed,
    /// Applied, and the file is gone.
    Missing,
    /// Not applied yet.
    Pending,
    /// Not applied, and older than the newest one applied.
    Gap,
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Applied => "applied",
            Self::AppliedElsewhere => "applied (no checksum)",
            Self::Changed => "CHANGED",
            Self::Missing => "FILE MISSING",
            Self::Pending => "pending",
            Self::Gap => "GAP",
        })
    }
}

/// One line of `catalyst migrate status`.
#[derive(Clone, Debug)]
pub struct Status {
    /// The 14 digits.
    pub version: String,
    /// The rest of the name.
    pub name: String,
    /// Where it stands.
    pub state: State,
}

/// Where every migration stands, oldest first.
pub async fn status(login: &PgConnectOptions, folder: &Path) -> Result<Vec<Status>> {
    let migrations = read(folder)?;
    let applied = applied_in(login).await?;
    let newest = applied.keys().next_back().cloned().unwrap_or_default();
    let mut lines = BTreeMap::new();
    for one in applied.values() {
        lines.insert(&one.version, (&one.name, State::Missing));
    }
    for migration in &migrations {
        let state = match applied.get(&migration.version) {
            None if migration.version < newest => State::Gap,
            None => State::Pending,
            Some(applied) => compare(migration, applied),
        };
        lines.insert(&migration.version, (&migration.name, state));
    }
    let lines = lines.into_iter().map(|(version, (name, state))| Status {
        version: version.clone(),
        name: name.clone(),
        state,
    });
    Ok(lines.collect())
}

/// Refuses when the database and the folder disagree in any way but pending files. Answers with how many are applied.
pub async fn verify(login: &PgConnectOptions, folder: &Path) -> Result<usize> {
    let migrations = read(folder)?;
    let applied = applied_in(login).await?;
    refuse_disagreement(&migrations, &applied)?;
    Ok(applied.len())
}

async fn applied_in(login: &PgConnectOptions) -> Result<BTreeMap<String, Applied>> {
    let mut connection = connect(login).await?;
    let applied = history::applied(&mut connection).await?;
    drop(connection.close().await);
    Ok(applied)
}

fn compare(migration: &Migration, applied: &Applied) -> State {
    match &applied.checksum {
        Some(checksum) if *checksum == migration.checksum => State::Applied,
        Some(_) => State::Changed,
        None => {
            let here = statements(&migration.sql);
            let here = canonical_all(here.iter().map(|statement| statement.text.as_str()));
            if here == canonical_all(applied.statements.iter().map(String::as_str)) {
                State::AppliedElsewhere
            } else {
                State::Changed
            }
        }
    }
}

/// Refuses applied migrations whose file has changed or is gone, and files older than the newest applied one.
pub(super) fn refuse_disagreement(
    migrations: &[Migration],
    applied: &BTreeMap<String, Applied>,
) -> Result {
    for one in applied.values() {
        let Some(migration) = migrations.iter().find(|file| file.version == one.version) else {
            let (version, name) = (one.version.clone(), one.name.clone());
            return Err(MigrateError::Missing { version, name }.into());
        };
        if compare(migration, one) == State::Changed {
            let unknown = || "unknown, other statements".to_owned();
            return Err(MigrateError::Changed {
                file: migration.file.clone(),
                applied: one.checksum.clone().unwrap_or_else(unknown),
                found: migration.checksum.clone(),
            }
            .into());
        }
    }
    let newest = applied.keys().next_back().cloned().unwrap_or_default();
    let is_gap = |one: &&Migration| one.version < newest && !applied.contains_key(&one.version);
    match migrations.iter().find(is_gap).map(|gap| gap.file.clone()) {
        Some(file) => Err(MigrateError::Gap { file, newest }.into()),
        None => Ok(()),
    }
}
