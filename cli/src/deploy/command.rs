//! `catalyst deploy`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use url::Url;

use super::api::Api;
use super::context::Context;
use super::refusal::Service;
use super::report::Report;
use super::wanted::{self, TOKENS, Wanted};
use super::{checks, kept::Kept, plan, questions};
use crate::project::{Project, under_own_names};
use crate::{Error, Result};

/// `catalyst deploy`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// Name of the project at Supabase and at Vercel; a second deployment (staging) has another one.
    #[arg(long, default_value = "content-catalyst")]
    name: String,
    /// Supabase's organization, when there are several.
    #[arg(long, value_name = "SLUG")]
    supabase_org: Option<String>,
    /// Take this existing Supabase project instead of making one.
    #[arg(long, value_name = "REFERENCE")]
    supabase_project: Option<String>,
    /// Where a new Supabase project's data is; vercel.json names Vercel's region beside it.
    #[arg(long, default_value = "eu-central-1")]
    region: String,
    /// Vercel's team, when there are several.
    #[arg(long, value_name = "SLUG")]
    vercel_team: Option<String>,
    /// An address of your own, instead of <name>.vercel.app.
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// Also take projects of this name that hold something else.
    #[arg(long)]
    use_existing: bool,
    /// Print every call that would change something, and make none.
    #[arg(long)]
    dry_run: bool,
    /// Do everything but the build and the deployment.
    #[arg(long)]
    no_build: bool,
    /// Only check one of the things that a person must do, by its number in the list.
    #[arg(long, value_name = "NUMBER")]
    check: Option<usize>,
    /// The Supabase project's address, where it has a domain of its own.
    #[arg(long, value_name = "URL")]
    supabase_url: Option<String>,
    /// The deployment's address, where another proxy stands before it.
    #[arg(long, value_name = "URL")]
    app_url: Option<String>,
    #[arg(long, hide = true, default_value = "https://api.supabase.com")]
    supabase_api: Url,
    #[arg(long, hide = true, default_value = "https://api.vercel.com")]
    vercel_api: Url,
    /// Milliseconds between two looks.
    #[arg(long, hide = true, default_value_t = 5000)]
    pause: u64,
}

/// What a service makes by itself takes less than this.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// Runs the command; true when the deployment works, or the check is good.
///
/// # Errors
///
/// When a call is refused: what was changed until then stays, and the next run continues.
pub async fn run(args: DeployArgs) -> Result<bool> {
    let check = args.check;
    let mut context = prepare(args)?;
    if let Some(number) = check {
        return checks::run(&mut context, number).await;
    }
    let done = plan::run(&mut context).await;
    done.map_err(|error| explained(error, &context.report))
}

fn prepare(args: DeployArgs) -> Result<Context> {
    let checkout = Project::find()?;
    wanted::check_name(&args.name)?;
    let given = checkout.dotenv()?.into_iter().chain(std::env::vars());
    let given: BTreeMap<String, String> = given.filter(|(_, value)| !value.is_empty()).collect();
    let mut given = under_own_names(given)?;
    if questions::can_ask() {
        for service in [Service::Supabase, Service::Vercel] {
            let (name, _) = service.token();
            if !given.contains_key(name)
                && let Some(token) = questions::token(service)
            {
                given.insert(name.to_owned(), token);
            }
        }
    }
    wanted::check_tokens(&given)?;
    let report = Report::default();
    let [supabase_token, vercel_token] = TOKENS.map(|name| given.remove(name).unwrap_or_default());
    report.hide(&supabase_token);
    report.hide(&vercel_token);
    let dry_run = args.dry_run;
    let wanted = Wanted {
        organization: args.supabase_org,
        reference: args.supabase_project,
        region: args.region,
        team: args.vercel_team,
        domain: args.domain,
        app_url: wanted::check_address(args.app_url.as_deref())?,
        supabase_url: wanted::check_address(args.supabase_url.as_deref())?,
        use_existing: args.use_existing,
        dry_run,
        build: !args.no_build,
        variables: given,
        supabase_token: supabase_token.into(),
        vercel_token: vercel_token.into(),
        name: args.name,
    };
    let pause = Duration::from_millis(args.pause);
    let api = |service, url, token: &secrecy::SecretString| {
        Api::new(service, url, token.clone(), dry_run, pause)
    };
    Ok(Context {
        supabase: api(
            Service::Supabase,
            &args.supabase_api,
            &wanted.supabase_token,
        )?,
        vercel: api(Service::Vercel, &args.vercel_api, &wanted.vercel_token)?,
        kept: Kept::open(checkout.root(), &wanted.name, dry_run, &report)?,
        checkout,
        wanted,
        report,
        patience: PATIENCE,
    })
}

/// Why a run stopped, and what it had changed until then.
fn explained(error: Error, report: &Report) -> Error {
    let changes = report.changes();
    let unchanged = match changes.is_empty() {
        true => "Nothing was changed in this run.".to_owned(),
        false => format!(
            "Done in this run, and kept: {}. Nothing else was changed.",
            changes.join("; ")
        ),
    };
    let error = report.clean(&error.to_string());
    Error::setup(error, unchanged)
}
