//! The Supabase project: found by its name, or made, and waited for.

use aws_lc_rs::rand;
use reqwest::Method;
use serde_json::{Value, json};

use crate::Result;
use crate::deploy::api::{NEW, list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::{Refusal, stop};
use crate::doctor::NEIGHBOURS;
use crate::http::base;
use clients::hex;

/// The variable in which its password is kept until there is a whole address.
pub(super) const PASSWORD: &str = "DATABASE_PASSWORD";

/// A project.
#[derive(Clone, Debug)]
pub(in crate::deploy) struct Project {
    /// What every path has: twenty letters.
    pub(in crate::deploy) reference: String,
    /// Its address, without a slash at the end.
    pub(in crate::deploy) url: String,
}

impl Project {
    /// A path of the Management API below this project.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/v1/projects/{}{rest}", self.reference)
    }
}

/// The project, ready to be used.
///
/// # Errors
///
/// When it is not where personal data may be, cannot be made, or does not come up.
pub(in crate::deploy) async fn ensure(
    context: &mut Context,
    organization: &str,
) -> Result<Project> {
    let found = match find(context).await? {
        Some(found) => found,
        None => make(context, organization).await?,
    };
    refuse_region(context, text(&found, "region"))?;
    let project = named(context, &found);
    if context.wanted.dry_run {
        return Ok(project);
    }
    if text(&found, "status") == "INACTIVE" {
        let path = project.path("/restore");
        let restored = context
            .supabase
            .change(&context.report, Method::POST, &path, Value::Null);
        restored
            .await
            .map_err(|refusal| refusal.into_error("wake the paused project", &context.report))?;
        context.report.did("Supabase: the paused project is woken");
    }
    let what = format!("Supabase: the project {} comes up", project.reference);
    context
        .until(&what, async || up(context, &project).await)
        .await?;
    context.report.is(&format!(
        "Supabase: project {} ({})",
        context.wanted.name, project.reference
    ));
    Ok(project)
}

/// The project of this name, or the one that was named by its reference.
///
/// # Errors
///
/// When several have the name.
pub(in crate::deploy) async fn find(context: &Context) -> Result<Option<Value>> {
    let failed = |refusal: Refusal| refusal.into_error("list projects", &context.report);
    if let Some(reference) = &context.wanted.reference {
        let found = context
            .supabase
            .get(&format!("/v1/projects/{reference}"))
            .await
            .map_err(failed)?;
        let missing = || {
            stop(
                format!("this account sees no Supabase project {reference}"),
                "compare the reference with the dashboard's address",
            )
        };
        return found.map(Some).ok_or_else(missing);
    }
    let all = context
        .supabase
        .get("/v1/projects")
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let gone = ["REMOVED", "GOING_DOWN"];
    let ours = |one: &&Value| {
        text(one, "name") == context.wanted.name && !gone.contains(&text(one, "status"))
    };
    let found: Vec<&Value> = list(&all).iter().filter(ours).collect();
    match found[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => Err(stop(
            format!(
                "{} Supabase projects are named {}",
                found.len(),
                context.wanted.name
            ),
            "name the right one with --supabase-project",
        )),
    }
}

/// A project as an answer tells of it.
pub(in crate::deploy) fn named(context: &Context, found: &Value) -> Project {
    let reference = match (text(found, "ref"), text(found, "id")) {
        ("", "") => NEW,
        ("", id) => id,
        (reference, _) => reference,
    };
    let url = match &context.wanted.supabase_url {
        Some(url) => base(url).to_owned(),
        None => format!("https://{reference}.supabase.co"),
    };
    Project {
        reference: reference.to_owned(),
        url,
    }
}

async fn make(context: &mut Context, organization: &str) -> Result<Value> {
    refuse_region(context, &context.wanted.region)?;
    let password = match context.kept.get(PASSWORD) {
        Some(password) => password.to_owned(),
        None => password()?,
    };
    context.report.hide(&password);
    // Before it is used: whoever is killed after the call still knows it.
    context.kept.set(PASSWORD, &password)?;
    let (name, region) = (&context.wanted.name, &context.wanted.region);
    let body = json!({
        "name": name,
        "organization_slug": organization,
        "db_pass": password,
        "region_selection": {"type": "specific", "code": region},
    });
    let made = context
        .supabase
        .change(&context.report, Method::POST, "/v1/projects", body)
        .await;
    let mut made = made.map_err(|refusal| {
        refusal.into_error(&format!("make the project {name}"), &context.report)
    })?;
    if made.is_null() {
        made = json!({"ref": NEW, "region": region});
    } else {
        context
            .report
            .did(&format!("Supabase: made the project {name} in {region}"));
    }
    Ok(made)
}

async fn up(context: &Context, project: &Project) -> Result<Option<()>> {
    let found = context.supabase.get(&project.path("")).await;
    let found =
        found.map_err(|refusal| refusal.into_error("look at the project", &context.report))?;
    match text(&found.unwrap_or_default(), "status") {
        "ACTIVE_HEALTHY" => Ok(Some(())),
        status @ ("INIT_FAILED" | "RESTORE_FAILED" | "PAUSE_FAILED" | "REMOVED") => Err(stop(
            format!(
                "Supabase says of the project {}: {status}",
                project.reference
            ),
            "a project that was never up holds nothing: delete it in the dashboard, and a new one is made",
        )),
        _ => Ok(None),
    }
}

/// Personal data stays in the EU, and the functions beside it.
fn refuse_region(context: &Context, region: &str) -> Result {
    if region.is_empty() || region == NEW {
        return Ok(());
    }
    let Some((_, beside)) = NEIGHBOURS.iter().find(|(one, _)| *one == region) else {
        let regions: Vec<&str> = NEIGHBOURS.iter().map(|(one, _)| *one).collect();
        return Err(stop(
            format!("{region} is not a region of the EU"),
            &format!(
                "take one of {} with --region, or another --supabase-project",
                regions.join(", ")
            ),
        ));
    };
    let text =
        std::fs::read_to_string(context.checkout.root().join("vercel.json")).unwrap_or_default();
    let file: Value = serde_json::from_str(&text).unwrap_or_default();
    match file["regions"][0].as_str() {
        Some(functions) if functions != *beside => Err(stop(
            format!(
                "vercel.json runs the functions in {functions}, and the database would be in {region}"
            ),
            &format!(
                "put {beside} under `regions` in vercel.json: every call of a function asks the database several times"
            ),
        )),
        _ => Ok(()),
    }
}

/// Letters and digits alone, so that it may stand in an address as it is.
fn password() -> Result<String> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).map_err(|_| stop("the system has no randomness", "try again"))?;
    Ok(hex(&bytes))
}
