//! Migrations, what the jobs need, and what only the database knows.

use std::collections::BTreeSet;

use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use super::{Finding, paper::Paper};
use crate::{migrate, project::Project};

pub(super) async fn examine(
    project: &Project,
    paper: &Paper<'_>,
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
        Ok(lines) => {
            let wrong: Vec<_> = lines
                .iter()
                .filter(|line| {
                    !matches!(
                        line.state,
                        migrate::State::Applied | migrate::State::AppliedElsewhere
                    )
                })
                .map(|line| format!("{}_{} ({})", line.version, line.name, line.state))
                .collect();
            findings.push(if wrong.is_empty() {
                Finding::fine(format!(
                    "all {} migrations are applied as they are here",
                    lines.len()
                ))
            } else {
                Finding::fault(
                    format!("migrations: {}", wrong.join(", ")),
                    "`catalyst migrate up --database-url \"$DATABASE_URL\"` says more",
                )
            });
        }
        Err(error) => {
            findings.push(Finding::fault(
                error.to_string(),
                "compare DATABASE_URL with the project's connection settings",
            ));
            return;
        }
    }
    let Ok(mut connection) = PgConnection::connect_with(&login).await else {
        return;
    };
    vault(&mut connection, paper, findings).await;
    jobs(&mut connection, project, findings).await;
    extensions(&mut connection, findings).await;
    guards(&mut connection, findings).await;
    google(&mut connection, findings).await;
    amendment(&mut connection, findings).await;
    drop(connection.close().await);
}

/// What pg_cron's jobs read, compared with what the deployment has.
async fn vault(connection: &mut PgConnection, paper: &Paper<'_>, findings: &mut Vec<Finding>) {
    let app = paper.config.app.url.as_str().trim_end_matches('/');
    let secret = paper.config.app.cron_secret.as_ref();
    for (name, ours) in [
        ("app_url", Some(app).filter(|_| paper.sound(&["APP_URL"]))),
        ("cron_secret", secret.map(ExposeSecret::expose_secret)),
    ] {
        let held: Result<Option<String>, _> = sqlx::query_scalar(
            "select decrypted_secret from vault.decrypted_secrets where name = $1",
        )
        .bind(name)
        .fetch_optional(&mut *connection)
        .await;
        let cure = format!(
            "`select vault.create_secret('<value>', '{name}')`, or [db.vault] of supabase/config.toml with `supabase db push`"
        );
        findings.push(match held {
            Ok(Some(held)) if ours.is_some_and(|ours| ours != held.trim_end_matches('/')) => {
                Finding::fault(
                    format!("Vault holds another {name} than the variables here"),
                    format!("make them one: `select vault.update_secret(id, '<value>') from vault.decrypted_secrets where name = '{name}'`"),
                )
            }
            Ok(Some(held)) if !held.is_empty() => Finding::fine(format!("Vault holds {name}")),
            Ok(_) => Finding::fault(
                format!("Vault does not hold {name}, so nothing wakes the dispatcher"),
                cure,
            ),
            Err(error) => Finding::fault(
                format!("Vault cannot be read: {error}"),
                "enable the extension supabase_vault",
            ),
        });
    }
}

/// Every job that a migration schedules must be there and active.
async fn jobs(connection: &mut PgConnection, project: &Project, findings: &mut Vec<Finding>) {
    let wanted = scheduled(project);
    let active: Result<Vec<String>, _> =
        sqlx::query_scalar("select jobname::text from cron.job where active")
            .fetch_all(&mut *connection)
            .await;
    findings.push(match active {
        Ok(active) => {
            let missing: Vec<_> = wanted
                .iter()
                .filter(|job| !active.contains(job))
                .map(String::as_str)
                .collect();
            if missing.is_empty() {
                Finding::fine(format!("all {} jobs are scheduled", wanted.len()))
            } else {
                Finding::fault(
                    format!("jobs that are not scheduled: {}", missing.join(", ")),
                    "repeat their `select cron.schedule(…)` of supabase/migrations, or `select cron.alter_job(jobid, active := true) from cron.job`",
                )
            }
        }
        Err(error) => Finding::fault(
            format!("pg_cron cannot be asked: {error}"),
            "enable the extension pg_cron",
        ),
    });
}

/// Names of the jobs in the migrations.
fn scheduled(project: &Project) -> BTreeSet<String> {
    let mut jobs = BTreeSet::new();
    for entry in std::fs::read_dir(project.migrations())
        .into_iter()
        .flatten()
        .flatten()
    {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once("cron.schedule(") {
            if let Some(name) = after.trim_start().strip_prefix('\'')
                && let Some((name, _)) = name.split_once('\'')
            {
                jobs.insert(name.to_owned());
            }
            rest = after;
        }
    }
    jobs
}

async fn extensions(connection: &mut PgConnection, findings: &mut Vec<Finding>) {
    let missing: Result<Vec<String>, _> = sqlx::query_scalar(
        "select name from unnest(array['pg_cron', 'pgmq', 'supabase_vault', 'pg_net']) as name
         where not exists (select from pg_extension where extname = name)
         -- A local stack gives some of them by other means.
           and to_regnamespace(case name when 'pg_cron' then 'cron' when 'supabase_vault' then 'vault'
                                         when 'pg_net' then 'net' else name end) is null",
    )
    .fetch_all(connection)
    .await;
    if let Ok(missing) = missing
        && !missing.is_empty()
    {
        findings.push(Finding::fault(
            format!("extensions that are not enabled: {}", missing.join(", ")),
            "enable them under Database, Extensions",
        ));
    }
}

async fn guards(connection: &mut PgConnection, findings: &mut Vec<Finding>) {
    let open: Result<Vec<String>, _> = sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity order by 1",
    )
    .fetch_all(connection)
    .await;
    match open {
        Ok(open) if open.is_empty() => findings.push(Finding::fine(
            "row level security is on for every table of public",
        )),
        Ok(open) => findings.push(Finding::fault(
            format!("row level security is off: {}", open.join(", ")),
            "`alter table public.<name> enable row level security` at once; then find out who switched it off",
        )),
        Err(_) => {}
    }
}

/// A Google project in testing gives permissions that end after seven days.
async fn google(connection: &mut PgConnection, findings: &mut Vec<Finding>) {
    let ending: Result<i64, _> = sqlx::query_scalar(
        "select count(*) from private.channel_credentials where permission_expires_at < refreshed_at + interval '8 days'",
    )
    .fetch_one(connection)
    .await;
    if let Ok(ending @ 1..) = ending {
        findings.push(Finding::fault(
            format!("the Google project is still in testing: {ending} channels lose their connection seven days after the consent"),
            "publish the app (Google Auth Platform, Audience), then have these channels connected again",
        ));
    }
}

async fn amendment(connection: &mut PgConnection, findings: &mut Vec<Finding>) {
    let accepted: Result<bool, _> = sqlx::query_scalar(
        "select exists (select from private.settings where key = 'derived_metrics_accepted_at')",
    )
    .fetch_one(connection)
    .await;
    if matches!(accepted, Ok(false)) {
        findings.push(Finding::advice(
            "scores are hidden: YouTube's derived-metrics amendment is not recorded as accepted",
            "once it is accepted: `insert into private.settings values ('derived_metrics_accepted_at', to_jsonb(now()))`",
        ));
    }
}
