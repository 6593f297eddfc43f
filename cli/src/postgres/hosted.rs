//! What stands at a hosted database's address instead of the database: a pooler that shares sessions, or nothing that this
//! machine can reach.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};

use crate::{Error, Result};

/// Where Supabase's transaction pooler listens.
const TRANSACTION_POOLER: u16 = 6543;

/// Refuses the port at which sessions are shared.
pub(super) fn refuse_pooler_port(login: &PgConnectOptions) -> Result {
    match login.get_port() {
        TRANSACTION_POOLER => Err(shares_sessions(login)),
        _ => Ok(()),
    }
}

/// Refuses a pooler at any other port: while a session does nothing, the next one gets the same process of the server.
pub(super) async fn refuse_pooler(
    connection: &mut PgConnection,
    login: &PgConnectOptions,
) -> Result {
    let first = process(connection).await?;
    let other = PgConnection::connect_with(login).await;
    let mut other = other.map_err(Error::database("cannot connect to the database twice"))?;
    let second = process(&mut other).await?;
    drop(other.close().await);
    if first == second {
        return Err(shares_sessions(login));
    }
    Ok(())
}

async fn process(connection: &mut PgConnection) -> Result<i32> {
    // Not prepared: a pooler may lose what is.
    let row = connection.fetch_one("select pg_backend_pid()").await;
    let process = row.and_then(|row| row.try_get(0));
    process.map_err(Error::database("cannot ask the database for its process"))
}

fn shares_sessions(login: &PgConnectOptions) -> Error {
    Error::setup(
        format!(
            "port {} of {} is a transaction pooler: it shares sessions, so locks and settings would be other people's",
            login.get_port(),
            login.get_host()
        ),
        "use the session pooler or the database itself, which Supabase both has at port 5432",
    )
}

/// Why a database cannot be reached, where its address tells.
pub(super) async fn unreachable(login: &PgConnectOptions, error: sqlx::Error) -> Error {
    let host = login.get_host().trim_matches(['[', ']']);
    let is_network = matches!(error, sqlx::Error::Io(_));
    let addresses = match is_network {
        true => tokio::net::lookup_host((host, login.get_port())).await.ok(),
        false => None,
    };
    let addresses: Vec<_> = addresses.into_iter().flatten().collect();
    if !addresses.is_empty()
        && addresses
            .iter()
            .all(|address| address.is_ipv6() && !address.ip().is_loopback())
    {
        return Error::setup(
            format!(
                "{host} has IPv6 addresses only, and this machine reaches none of them ({error})"
            ),
            "use the session pooler, which has IPv4: in Supabase under Connect > Session pooler, port 5432, with the \
             user postgres.<project>",
        );
    }
    Error::database("cannot connect to the database")(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(url: &str) -> PgConnectOptions {
        url.parse().expect("a URL")
    }

    #[test]
    fn case_s01_the_transaction_pooler_s_port_is_refused_with_the_right_one() {
        let refused = refuse_pooler_port(&login("postgres://u@db.example.com:6543/postgres"));
        let message = refused.expect_err("a refusal").to_string();
        assert!(
            message.contains("6543") && message.contains("port 5432"),
            "{message}"
        );
        assert!(refuse_pooler_port(&login("postgres://u@db.example.com:5432/postgres")).is_ok());
    }

    #[tokio::test]
    async fn case_s01_a_host_with_ipv6_alone_is_explained() {
        let refused = || sqlx::Error::Io(std::io::Error::other("network is unreachable"));
        let error = unreachable(
            &login("postgres://u@[2001:db8::1]:5432/postgres"),
            refused(),
        )
        .await;
        assert!(error.to_string().contains("session pooler"), "{error}");
        let error = unreachable(&login("postgres://u@127.0.0.1:5432/postgres"), refused()).await;
        assert!(!error.to_string().contains("session pooler"), "{error}");
    }
}
