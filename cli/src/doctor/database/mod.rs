//! What only the database knows.

mod extensions;
mod jobs;
mod migrations;
mod product;
mod vault;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::finding::Finding;
use super::variables::Variables;
use crate::project::Project;

/// Asks the database that `DATABASE_URL` names.
pub(super) async fn check(
    project: &Project,
    variables: &Variables<'_>,
    url: &str,
    findings: &mut Vec<Finding>,
) {
    let login: PgConnectOptions = match url.parse() {
        Ok(login) => login,
        Err(error) => {
            findings.push(Finding::fault(
                format!("DATABASE_URL cannot be read: {error}"),
                "postgresql://postgres.<ref>:<password>@<host>:5432/postgres; special characters of the password percent-encoded",
            ));
            return;
        }
    };
    if !migrations::check(&login, project, findings).await {
        return;
    }
    let Ok(mut connection) = PgConnection::connect_with(&login).await else {
        return;
    };
    vault::check(&mut connection, variables, findings).await;
    findings.push(jobs::check(&mut connection, project).await);
    findings.extend(extensions::check(&mut connection).await);
    findings.extend(product::row_level_security(&mut connection).await);
    findings.extend(product::google_consent(&mut connection).await);
    findings.extend(product::scores(&mut connection).await);
    drop(connection.close().await);
}
