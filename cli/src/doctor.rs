//! `catalyst doctor`: what is wrong with the configuration of a deployment, and what puts it right.

use std::{collections::BTreeMap, fmt, time::Duration};

use catalyst::config::Config;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

use crate::{migrate, project::Project};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Fine(String),
    /// It works, but not as well as it could.
    Advice {
        /// What was found.
        what: String,
        /// What would be better.
        cure: String,
    },
    /// It is wrong.
    Fault {
        /// What was found.
        what: String,
        /// What puts it right.
        cure: String,
    },
}

impl Finding {
    fn fine(what: impl Into<String>) -> Self {
        Self::Fine(what.into())
    }

    fn fault(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Fault {
            what: what.into(),
            cure: cure.into(),
        }
    }

    fn advice(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Advice {
            what: what.into(),
            cure: cure.into(),
        }
    }

    /// Whether this has to be mended.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Fault { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(what) => write!(out, "ok      {what}"),
            Self::Advice { what, cure } => write!(out, "advice  {what}\n        {cure}"),
            Self::Fault { what, cure } => write!(out, "FAULT   {what}\n        {cure}"),
        }
    }
}

/// Looks at the variables of a deployment and, unless `offline`, at the services that they name.
pub async fn examine(
    project: &Project,
    variables: &BTreeMap<String, String>,
    offline: bool,
) -> Vec<Finding> {
    let read = |name: &str| {
        variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    };
    let mut findings = Vec::new();
    let config = match Config::read(&read) {
        Ok(config) => config,
        Err(error) => {
            // The first fault hides the others: nothing further can be asked without a configuration.
            findings.push(Finding::fault(
                format!("{}: {}", error.variable, error.problem),
                "see .env.example; then run this again",
            ));
            return findings;
        }
    };
    findings.push(Finding::fine("every variable that is set can be read"));
    on_paper(&config, variables, &mut findings);
    if !offline {
        supabase(&config, &mut findings).await;
        deployment(&config, &mut findings).await;
        match read("DATABASE_URL") {
            Some(url) => database(project, &url, &mut findings).await,
            None => findings.push(Finding::advice(
                "DATABASE_URL is not set, so migrations and jobs were not looked at",
                "set it to a direct or session-pooler connection as the role postgres",
            )),
        }
    }
    findings
}

/// What shows without asking anybody.
fn on_paper(config: &Config, variables: &BTreeMap<String, String>, findings: &mut Vec<Finding>) {
    let mut need = |present: bool, name: &str, cure: &str| {
        if !present {
            findings.push(Finding::fault(format!("{name} is not set"), cure));
        }
    };
    need(
        config.app.cron_secret.is_some(),
        "CRON_SECRET",
        "without it the dispatcher refuses every call: `openssl rand -hex 32`",
    );
    need(
        config.token_encryption_keys.is_some(),
        "TOKEN_ENCRYPTION_KEYS",
        "without it no channel can be connected: `echo k1:$(openssl rand -base64 32)`",
    );
    need(
        config.google.is_some(),
        "GOOGLE_CLIENT_ID or GOOGLE_CLIENT_SECRET",
        "make an OAuth client of type web application",
    );
    need(
        config.gemini.is_some(),
        "GEMINI_API_KEY",
        "make a key at Google AI Studio; generating needs it",
    );
    need(
        config.revid.is_some(),
        "REVID_API_KEY",
        "take it from the RevID account; rendering needs it",
    );
    if config
        .app
        .cron_secret
        .as_ref()
        .is_some_and(|secret| secret.expose_secret().len() < 16)
    {
        findings.push(Finding::fault(
            "CRON_SECRET is shorter than 16 characters",
            "`openssl rand -hex 32`",
        ));
    }
    let local = is_local(config.app.url.as_str());
    if config.app.mocking && !local {
        findings.push(Finding::fault(
            "ENABLE_API_MOCKING is true on a deployment",
            "set it to false: nothing would ever reach YouTube",
        ));
    }
    if !local && config.app.url.scheme() != "https" {
        findings.push(Finding::fault(
            format!("APP_URL is {}", config.app.url),
            "a deployment is reached over https",
        ));
    }
    if !config.limits.rate_limiting {
        findings.push(Finding::advice(
            "ENABLE_RATE_LIMITING is false",
            "anybody with an account may ask as often as they like",
        ));
    }
    if config.app.frontend_url.is_none() {
        findings.push(Finding::advice(
            "FRONTEND_URL is not set",
            "set it: browsers may then call this API, and consent ends at your page",
        ));
    }
    let legacy = variables
        .keys()
        .any(|name| name == "SUPABASE_SERVICE_ROLE_KEY" || name == "SUPABASE_ANON_KEY");
    if legacy
        && !config
            .supabase
            .secret_key
            .expose_secret()
            .starts_with("sb_secret_")
    {
        findings.push(Finding::advice(
            "the legacy API keys are used",
            "make sb_publishable_… and sb_secret_… keys: the legacy pair is being retired",
        ));
    }
}

/// Auth and the Data API, asked as the functions ask them.
async fn supabase(config: &Config, findings: &mut Vec<Finding>) {
    let base = config.supabase.url.as_str().trim_end_matches('/');
    let Some(client) = client() else {
        findings.push(Finding::fault("no TLS", "this is a fault of the tool"));
        return;
    };
    let project_cure = "compare SUPABASE_URL and the keys with the project's settings, API keys";
    match json_of(client.get(format!("{base}/auth/v1/.well-known/jwks.json"))).await {
        Ok((200, body)) if body["keys"].as_array().is_some_and(|keys| !keys.is_empty()) => {
            findings.push(Finding::fine(
                "access tokens are signed with keys that anybody can check",
            ));
        }
        Ok((200, _)) if config.supabase.jwt_secret.is_some() => findings.push(Finding::advice(
            "access tokens are signed with the legacy secret",
            "rotate to an ES256 signing key, then drop SUPABASE_JWT_SECRET",
        )),
        Ok((200, _)) => findings.push(Finding::fault(
            "the project publishes no signing key, so no access token can be checked",
            "rotate to an ES256 signing key in the project's settings, or set SUPABASE_JWT_SECRET",
        )),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the project's keys are answered with {status}"),
            project_cure,
        )),
        Err(error) => {
            findings.push(Finding::fault(
                format!("{base} does not answer: {error}"),
                project_cure,
            ));
            return;
        }
    }
    let rpc = |key: &str| {
        client
            .post(format!("{base}/rest/v1/rpc/pipeline_status"))
            .header("apikey", key)
            .header("content-profile", "engine")
            .json(&json!({}))
    };
    match json_of(rpc(config.supabase.secret_key.expose_secret())).await {
        Ok((200, _)) => findings.push(Finding::fine("the secret key may change state through the schema engine")),
        Ok((_, body)) if body["code"] == "PGRST106" => findings.push(Finding::fault(
            "the Data API does not expose the schema engine",
            "add `engine` to the exposed schemas (project settings, Data API), as supabase/config.toml has it",
        )),
        Ok((_, body)) if body["code"] == "PGRST202" || body["code"] == "42883" => findings.push(Finding::fault(
            "the migrations are not applied",
            "`catalyst migrate up --database-url \"$DATABASE_URL\"`",
        )),
        Ok((status, body)) => {
            let code = body["code"].as_str().or(body["message"].as_str()).unwrap_or("no code").to_owned();
            findings.push(Finding::fault(format!("the secret key is answered with {status} ({code})"), project_cure));
        }
        Err(error) => findings.push(Finding::fault(format!("the Data API does not answer: {error}"), project_cure)),
    }
    match json_of(rpc(&config.supabase.publishable_key)).await {
        Ok((401 | 403, body)) if body["code"] == "42501" => {
            findings.push(Finding::fine("the public key may not"));
        }
        Ok((200, _)) => findings.push(Finding::fault(
            "the public key may change state through the schema engine",
            "revoke it at once: `revoke all on schema engine from anon, authenticated`",
        )),
        Ok((401, _)) => findings.push(Finding::fault(
            "the public key is not one of this project",
            project_cure,
        )),
        _ => {}
    }
}

/// The deployment itself.
async fn deployment(config: &Config, findings: &mut Vec<Finding>) {
    let Some(client) = client() else { return };
    let base = config.app.url.as_str().trim_end_matches('/');
    match json_of(client.get(format!("{base}/api/health"))).await {
        Ok((200, body)) if body["status"] == "healthy" => findings.push(Finding::fine(format!("{base} is healthy"))),
        Ok((status, body)) => findings.push(Finding::fault(
            format!("{base}/api/health answers {status} {}", body["status"].as_str().unwrap_or("without a status")),
            "read the answer and the function's log; is this deployment's configuration the one checked here?",
        )),
        Err(error) => findings.push(Finding::fault(format!("{base} does not answer: {error}"), "deploy, and compare APP_URL with the deployment's address")),
    }
    match json_of(
        client
            .post(format!("{base}/api/cron/dispatch"))
            .json(&json!({})),
    )
    .await
    {
        Ok((401, _)) => findings.push(Finding::fine("the dispatcher refuses strangers")),
        Ok((status, _)) => findings.push(Finding::fault(
            format!("the dispatcher answers a stranger with {status}"),
            "set CRON_SECRET in the deployment's environment and deploy again",
        )),
        Err(_) => {}
    }
    if let Some(secret) = &config.app.cron_secret
        && let Ok((status, _)) = json_of(
            client
                .post(format!("{base}/api/cron/dispatch"))
                .bearer_auth(secret.expose_secret())
                .json(&json!({})),
        )
        .await
    {
        findings.push(match status {
            202 => Finding::fine("the dispatcher takes CRON_SECRET"),
            _ => Finding::fault(
                format!("the dispatcher answers CRON_SECRET with {status}"),
                "the deployment has another CRON_SECRET: make them one, in Vercel, here and in Vault",
            ),
        });
    }
}

/// Migrations, the secrets of jobs and the jobs.
async fn database(project: &Project, url: &str, findings: &mut Vec<Finding>) {
    let login: PgConnectOptions = match url.parse() {
        Ok(login) => login,
        Err(error) => {
            findings.push(Finding::fault(
                format!("DATABASE_URL cannot be read: {error}"),
                "postgresql://postgres:…@host:5432/postgres",
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
    for name in ["app_url", "cron_secret"] {
        let held: Result<bool, _> =
            sqlx::query_scalar("select exists (select from vault.decrypted_secrets where name = $1 and decrypted_secret <> '')")
                .bind(name)
                .fetch_one(&mut connection)
                .await;
        findings.push(match held {
            Ok(true) => Finding::fine(format!("Vault holds {name}")),
            Ok(false) => Finding::fault(
                format!("Vault does not hold {name}, so nothing wakes the dispatcher"),
                format!("`select vault.create_secret('<value>', '{name}')`, or [db.vault] of supabase/config.toml with `supabase db push`"),
            ),
            Err(error) => Finding::fault(format!("Vault cannot be read: {error}"), "enable the extension supabase_vault"),
        });
    }
    let jobs: Result<Vec<String>, _> =
        sqlx::query_scalar("select jobname::text from cron.job where active order by jobname")
            .fetch_all(&mut connection)
            .await;
    findings.push(match jobs {
        Ok(jobs) if jobs.iter().any(|job| job == "wake-dispatcher") => Finding::fine(format!("{} jobs are scheduled", jobs.len())),
        Ok(_) => Finding::fault(
            "the job wake-dispatcher is not scheduled",
            "restore it: `select cron.schedule('wake-dispatcher', '* * * * *', 'select private.wake_dispatcher()')`",
        ),
        Err(error) => Finding::fault(format!("pg_cron cannot be asked: {error}"), "enable the extension pg_cron"),
    });
    drop(connection.close().await);
}

fn is_local(url: &str) -> bool {
    url.contains("//127.0.0.1") || url.contains("//localhost")
}

fn client() -> Option<reqwest::Client> {
    catalyst::tls::client_builder()
        .timeout(Duration::from_secs(15))
        .build()
        .ok()
}

/// Status and JSON body of a call.
async fn json_of(request: reqwest::RequestBuilder) -> Result<(u16, Value), reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
