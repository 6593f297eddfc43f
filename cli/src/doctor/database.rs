//! What only the database knows.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, query_scalar};

use super::{finding::Finding, variables::Variables};
use crate::migrate::{self, State, Status};
use crate::{postgres::catalog, project::Project};

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
    match migrate::status(&login, &project.migrations()).await {
        Ok(lines) => findings.push(migrations(&lines)),
        Err(error) => {
            let cure = "compare DATABASE_URL with the project's connection settings";
            findings.push(Finding::fault(error.to_string(), cure));
            return;
        }
    }
    let Ok(mut connection) = PgConnection::connect_with(&login).await else {
        return;
    };
    vault(&mut connection, variables, findings).await;
    findings.push(jobs(&mut connection, project).await);
    // What cannot be asked was never migrated, and was named above.
    findings.extend(extensions(&mut connection).await.ok().flatten());
    findings.extend(row_level_security(&mut connection).await.ok());
    findings.extend(google_consent(&mut connection).await.ok().flatten());
    findings.extend(super::logging::check(&mut connection).await.ok());
    findings.extend(scores(&mut connection).await.ok().flatten());
    drop(connection.close().await);
}

/// Whether every migration is applied.
fn migrations(lines: &[Status]) -> Finding {
    let wrong: Vec<_> = lines
        .iter()
        .filter(|line| !matches!(line.state, State::Applied | State::AppliedElsewhere))
        .map(|line| format!("{}_{} ({})", line.version, line.name, line.state))
        .collect();
    if wrong.is_empty() {
        let count = lines.len();
        return Finding::fine(format!(
            "all {count} migrations are applied as they are here"
        ));
    }
    let cure = "`catalyst migrate up --database-url \"$DATABASE_URL\"` says more";
    Finding::fault(format!("migrations: {}", wrong.join(", ")), cure)
}

/// What pg_cron's jobs read from Vault, compared with what the deployment has.
async fn vault(
    connection: &mut PgConnection,
    variables: &Variables<'_>,
    findings: &mut Vec<Finding>,
) {
    let app = &variables.config.app;
    let url = Some(app.url.as_str().trim_end_matches('/'));
    let url = url.filter(|_| variables.can_read(&["APP_URL"]));
    let secret = app.cron_secret.as_ref().map(ExposeSecret::expose_secret);
    for (name, ours) in [("app_url", url), ("cron_secret", secret)] {
        let held = match catalog::secret(connection, name).await {
            Ok(held) => held.unwrap_or_default(),
            Err(error) => {
                let what = format!("Vault cannot be read: {error}");
                findings.push(Finding::fault(what, "enable the extension supabase_vault"));
                continue;
            }
        };
        findings.push(if held.is_empty() {
            Finding::fault(
                format!("Vault does not hold {name}, so nothing wakes the dispatcher"),
                format!("`catalyst settings set {name} -`, with the value on standard input"),
            )
        } else if ours.is_some_and(|ours| ours != held.trim_end_matches('/')) {
            Finding::fault(
                format!("Vault holds another {name} than the variables here"),
                format!("make them one: `catalyst settings set {name} -`, with the value on standard input"),
            )
        } else {
            Finding::fine(format!("Vault holds {name}"))
        });
    }
}

/// Every job that a migration schedules must be there and active.
async fn jobs(connection: &mut PgConnection, project: &Project) -> Finding {
    let active = match catalog::active_jobs(connection).await {
        Ok(active) => active,
        Err(error) => {
            let what = format!("pg_cron cannot be asked: {error}");
            return Finding::fault(what, "enable the extension pg_cron");
        }
    };
    let mut wanted = scheduled(project);
    let count = wanted.len();
    wanted.retain(|job| !active.contains_key(job));
    if wanted.is_empty() {
        return Finding::fine(format!("all {count} jobs are scheduled"));
    }
    let missing = Vec::from_iter(wanted).join(", ");
    Finding::fault(
        format!("jobs that are not scheduled: {missing}"),
        "repeat their `select cron.schedule(…)` of supabase/migrations, or `select cron.alter_job(jobid, active := true) from cron.job`",
    )
}

/// Names of the jobs in the migrations.
fn scheduled(project: &Project) -> BTreeSet<String> {
    let mut jobs = BTreeSet::new();
    for migration in migrate::read(&project.migrations()).unwrap_or_default() {
        for call in migration.sql.split("cron.schedule(").skip(1) {
            let name = call.trim_start().strip_prefix('\'');
            if let Some((name, _)) = name.and_then(|name| name.split_once('\'')) {
                jobs.insert(name.to_owned());
            }
        }
    }
    jobs
}

/// The extensions that the product needs.
async fn extensions(connection: &mut PgConnection) -> sqlx::Result<Option<Finding>> {
    let missing: Vec<String> = query_scalar(
        "select name from unnest(array['pg_cron', 'pgmq', 'supabase_vault', 'pg_net']) as name
         where not exists (select from pg_extension where extname = name)
         -- A local stack gives some of them by other means.
           and to_regnamespace(case name when 'pg_cron' then 'cron' when 'supabase_vault' then 'vault'
                                         when 'pg_net' then 'net' else name end) is null",
    )
    .fetch_all(connection)
    .await?;
    Ok((!missing.is_empty()).then(|| {
        let what = format!("extensions that are not enabled: {}", missing.join(", "));
        Finding::fault(what, "enable them under Database, Extensions")
    }))
}

/// Whether a user sees their own rows only.
async fn row_level_security(connection: &mut PgConnection) -> sqlx::Result<Finding> {
    let open = catalog::tables_without_row_level_security(connection).await?;
    if open.is_empty() {
        return Ok(Finding::fine(
            "row level security is on for every table of public",
        ));
    }
    Ok(Finding::fault(
        format!("row level security is off: {}", open.join(", ")),
        "`alter table public.<name> enable row level security` at once; then find out who switched it off",
    ))
}

/// A Google project in testing gives permissions that end after seven days.
pub(crate) async fn google_consent(connection: &mut PgConnection) -> sqlx::Result<Option<Finding>> {
    let sql = "select count(*) from private.channel_credentials where permission_expires_at < refreshed_at + interval '8 days'";
    let ending: i64 = query_scalar(sql).fetch_one(connection).await?;
    Ok((ending > 0).then(|| {
        Finding::fault(
            format!("the Google project is still in testing: {ending} channels lose their connection seven days after the consent"),
            "publish the app (Google Auth Platform, Audience), then have these channels connected again",
        )
    }))
}

/// Whether scores may be shown.
pub(crate) async fn scores(connection: &mut PgConnection) -> sqlx::Result<Option<Finding>> {
    let sql = "select not exists (select from private.settings where key = 'derived_metrics_accepted_at')";
    let hidden: bool = query_scalar(sql).fetch_one(connection).await?;
    Ok(hidden.then(|| {
        Finding::advice(
            "scores are hidden: YouTube's derived-metrics amendment is not recorded as accepted",
            "once it is accepted: `catalyst settings set derived_metrics_accepted_at <day>`",
        )
    }))
}
