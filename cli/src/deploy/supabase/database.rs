//! How this run logs in to the database.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::project::{PASSWORD, Project};
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::stop;
use crate::http::is_private;
use crate::postgres::connection;

/// Where Supabase's pooler shares sessions, and where it does not.
const SHARED: u64 = 6543;
const SESSIONS: u64 = 5432;

/// How often it is tried: a new project is known to the pooler only after a while.
const TRIES: usize = 24;

/// Where the database is, as the project's settings tell.
struct Place {
    host: String,
    port: u16,
    name: String,
    /// What a user's name ends with: `.<reference>` at the pooler.
    suffix: String,
}

/// A login that works; none in a dry run, since getting one changes a role.
///
/// # Errors
///
/// When the database cannot be reached with any login.
pub(in crate::deploy) async fn open(
    context: &mut Context,
    project: &Project,
) -> Result<Option<PgConnectOptions>> {
    if context.wanted.dry_run {
        context.report.would(&format!(
            "POST {} and log in to the database",
            project.path("/cli/login-role")
        ));
        return Ok(None);
    }
    let place = place(context, project).await?;
    if let Some(password) = context.kept.get(PASSWORD).map(str::to_owned) {
        let Place {
            host,
            port,
            name,
            suffix,
        } = &place;
        let url = format!("postgresql://postgres{suffix}:{password}@{host}:{port}/{name}");
        context.report.hide(&url);
        context.kept.set("DATABASE_URL", &url)?;
    }
    let mut problem = String::new();
    for tried in 0..TRIES {
        if tried > 0 {
            tokio::time::sleep(context.supabase.pause).await;
        }
        for login in logins(context, project, &place).await? {
            match connection::connect(&login).await {
                Ok(opened) => {
                    drop(sqlx::Connection::close(opened).await);
                    return Ok(Some(login));
                }
                Err(error) => problem = context.report.clean(&error.to_string()),
            }
        }
    }
    Err(stop(
        format!("the project's database does not let this program in: {problem}"),
        "set DATABASE_URL in .env to the session pooler's address (Connect, Session pooler), and see that the project's network \
         restrictions let this machine in",
    ))
}

/// The logins to try: one that Supabase makes for a few minutes, then those with a password that is known here.
async fn logins(
    context: &Context,
    project: &Project,
    place: &Place,
) -> Result<Vec<PgConnectOptions>> {
    let mut logins = Vec::new();
    let path = project.path("/cli/login-role");
    let made = context
        .supabase
        .change(
            &context.report,
            Method::POST,
            &path,
            json!({"read_only": false}),
        )
        .await;
    match made {
        Ok(made) => {
            let (role, password) = (text(&made, "role"), text(&made, "password"));
            context.report.hide(password);
            let login = PgConnectOptions::new_without_pgpass()
                .host(&place.host)
                .port(place.port)
                .database(&place.name);
            let login = login
                .username(&format!("{role}{}", place.suffix))
                .password(password);
            logins.push(login.ssl_mode(encryption(&place.host)));
        }
        Err(refusal) if refusal.is_passing() || refusal.status == Some(401) => {
            return Err(refusal.into_error("get a login to the database", &context.report));
        }
        Err(_) => {}
    }
    // The one of `.env` may be another project's, or this machine's.
    let given = context
        .wanted
        .variables
        .get("DATABASE_URL")
        .map(String::as_str)
        .filter(|url| url.contains(&project.reference));
    for url in context.kept.get("DATABASE_URL").into_iter().chain(given) {
        context.report.hide(url);
        logins.push(connection::parse_url(url)?);
    }
    Ok(logins)
}

/// The pooler's session side: the database itself has IPv6 addresses only.
async fn place(context: &Context, project: &Project) -> Result<Place> {
    let path = project.path("/config/database/pooler");
    let found = context.supabase.get(&path).await;
    let found = found
        .map_err(|refusal| refusal.into_error("read the pooler's address", &context.report))?;
    let found = found.unwrap_or_default();
    let primary = |one: &&Value| matches!(text(one, "database_type"), "PRIMARY" | "");
    let Some(pooler) = list(&found).iter().find(primary) else {
        return Err(stop(
            "Supabase names no pooler for the project",
            "wait a minute: it may not be up yet",
        ));
    };
    let port = match pooler["db_port"].as_u64() {
        Some(SHARED) | None => SESSIONS,
        Some(port) => port,
    };
    let suffix = text(pooler, "db_user")
        .strip_prefix("postgres")
        .unwrap_or_default();
    Ok(Place {
        host: text(pooler, "db_host").to_owned(),
        port: u16::try_from(port).unwrap_or_default(),
        name: text(pooler, "db_name").to_owned(),
        suffix: suffix.to_owned(),
    })
}

/// Passwords cross the net encrypted.
fn encryption(host: &str) -> PgSslMode {
    let url = format!("http://{host}");
    match url.parse().is_ok_and(|url| is_private(&url)) {
        true => PgSslMode::Prefer,
        false => PgSslMode::Require,
    }
}
