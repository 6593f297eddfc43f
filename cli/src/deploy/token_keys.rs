//! The keys that tokens at rest are encrypted with: made once, never replaced, and refused rather than lost.

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, query_scalar};

use super::context::Context;
use super::refusal::stop;
use super::variables::TOKEN_KEYS as NAME;
use super::vercel::variables::Known;
use crate::{Error, Result, postgres::connection};

/// The keys, where this run knows them: those that are kept here, those of `.env` where there are none yet, or new ones. None
/// where Vercel has some that are not known here; those stay.
///
/// # Errors
///
/// When the keys here are not those of Vercel, or when new ones would make what the database holds unreadable.
pub(super) async fn ensure(
    context: &mut Context,
    database: Option<&PgConnectOptions>,
    known: &Known,
) -> Result<Option<String>> {
    let here = context.kept.get(NAME).map(str::to_owned);
    if known.has(NAME) {
        return match here {
            Some(here) if known.is_other(NAME, &here) => Err(stop(
                format!("Vercel holds other {NAME} than the file that this command keeps here"),
                "keep those of Vercel: they were set elsewhere, after `catalyst keys rotate` for example. Put them into the file, \
                 or take the line out of it",
            )),
            here => Ok(here),
        };
    }
    if let Some(here) = here {
        return Ok(Some(here));
    }
    if is_in_use(database).await? {
        return Err(stop(
            format!(
                "the database holds encrypted tokens, and neither Vercel nor this folder has {NAME}"
            ),
            "bring back the file .env.deploy.<name> or the keys from your own copy: with new ones nobody could read these tokens",
        ));
    }
    let made = made()?;
    context.report.hide(&made);
    context.kept.set(NAME, &made)?;
    Ok(Some(made))
}

async fn is_in_use(database: Option<&PgConnectOptions>) -> Result<bool> {
    let Some(login) = database else {
        return Ok(false);
    };
    let failed = || Error::database("cannot look for encrypted tokens");
    let mut connection = connection::connect(login).await?;
    let sql = "select exists (select from private.channel_credentials)";
    let found = query_scalar(sql).fetch_one(&mut connection).await;
    drop(PgConnection::close(connection).await);
    found.map_err(failed())
}

fn made() -> Result<String> {
    let mut key = [0; 32];
    rand::fill(&mut key).map_err(|_| stop("the system has no randomness", "try again"))?;
    Ok(format!("k1:{}", STANDARD.encode(key)))
}
