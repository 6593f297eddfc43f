//! Addresses that the functions and browsers can reach, and where the functions run and the data is.

use serde_json::Value;
use url::Url;

use super::read::Variables;
use crate::doctor::finding::Finding;
use crate::http::{is_loopback, is_private};
use crate::project::Project;

/// Supabase's regions and the one of Vercel's beside each.
pub(crate) const NEIGHBOURS: [(&str, &str); 5] = [
    ("eu-central-1", "fra1"),
    ("eu-central-2", "fra1"),
    ("eu-north-1", "arn1"),
    ("eu-west-1", "dub1"),
    ("eu-west-3", "cdg1"),
];

pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let app = &variables.config.app;
    let supabase = &variables.config.supabase.url;
    address(variables, "APP_URL", Some(&app.url), findings);
    address(variables, "SUPABASE_URL", Some(supabase), findings);
    address(
        variables,
        "FRONTEND_URL",
        app.frontend_url.as_ref(),
        findings,
    );
    if variables.can_read(&["APP_URL", "SUPABASE_URL"])
        && app.url.host_str() == supabase.host_str()
        && !variables.is_local()
    {
        findings.push(Finding::fault(
            "APP_URL is Supabase's address",
            "give the address at which Vercel serves this deployment",
        ));
    }
    if app.frontend_url.is_none() && variables.can_read(&["FRONTEND_URL"]) {
        findings.push(Finding::advice(
            "FRONTEND_URL is not set",
            "set it: browsers of another origin may then call this API, and consent ends at your page",
        ));
    }
    let vercel = vercel_settings(project);
    dashboard(variables, &vercel, findings);
    let url = variables.text("DATABASE_URL");
    if let Some(url) = url.and_then(|url| Url::parse(url).ok()) {
        connection(variables, &url, findings);
        let functions = vercel["regions"][0].as_str().unwrap_or("iad1");
        let region = url.host_str().and_then(pooler_region);
        findings.extend(region.map(|region| distance(region, functions)));
    }
}

fn address(variables: &Variables<'_>, name: &str, url: Option<&Url>, findings: &mut Vec<Finding>) {
    let Some(url) = url.filter(|_| variables.can_read(&[name])) else {
        return;
    };
    if !variables.is_local() && is_loopback(url) {
        findings.push(Finding::fault(
            format!("{name} is on this machine ({url}), but APP_URL is not"),
            "give an address that the deployment can reach",
        ));
    } else if !is_private(url) {
        let what = format!("{name} is {url}");
        findings.push(Finding::fault(what, "give an https address"));
    }
    if name != "FRONTEND_URL" && url.path() != "/" {
        findings.push(Finding::fault(
            format!("{name} has the path {}", url.path()),
            "give the address without a path: paths are added to it",
        ));
    }
}

/// `vercel.json`.
fn vercel_settings(project: &Project) -> Value {
    let text = std::fs::read_to_string(project.root().join("vercel.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The dashboard's page calls only what its security policy allows.
fn dashboard(variables: &Variables<'_>, vercel: &Value, findings: &mut Vec<Finding>) {
    let url = &variables.config.supabase.url;
    let host = url.host_str().unwrap_or_default();
    let allowed = host.ends_with(".supabase.co") || vercel["headers"].to_string().contains(host);
    if variables.can_read(&["SUPABASE_URL"]) && !is_loopback(url) && !allowed {
        findings.push(Finding::advice(
            format!("the dashboard may not reach {host}"),
            format!("add https://{host} to connect-src of /dashboard in vercel.json"),
        ));
    }
}

/// Whether the database is the project's, and is reached in a way that keeps a session.
fn connection(variables: &Variables<'_>, url: &Url, findings: &mut Vec<Finding>) {
    let named = url.username().strip_prefix("postgres.").or_else(|| {
        let host = url.host_str()?.strip_prefix("db.")?;
        host.strip_suffix(".supabase.co")
    });
    if let (Some(own), Some(named)) = (variables.supabase_project(), named)
        && own != named
    {
        findings.push(Finding::fault(
            format!("DATABASE_URL is that of the project {named}, but SUPABASE_URL that of {own}"),
            "take both from one project: staging and production have one each",
        ));
    }
    if url.port() == Some(6543) {
        findings.push(Finding::fault(
            "DATABASE_URL goes through the transaction pooler (port 6543)",
            "use port 5432: migrations, locks and dumps need a session",
        ));
    }
}

fn distance(database: &str, functions: &str) -> Finding {
    match NEIGHBOURS.iter().find(|(region, _)| *region == database) {
        Some((_, near)) if *near == functions => Finding::fine(format!(
            "functions ({functions}) and database ({database}) are neighbours"
        )),
        Some((_, near)) => Finding::advice(
            format!("the database is in {database}, the functions run in {functions}"),
            format!(
                "set \"regions\": [\"{near}\"] in vercel.json: each request crosses that distance several times"
            ),
        ),
        None => Finding::fault(
            format!("the database is in {database}, outside the European Union"),
            "make a project in eu-central-1 (Frankfurt) and restore a backup into it",
        ),
    }
}

fn pooler_region(host: &str) -> Option<&str> {
    let (first, rest) = host.split_once('.')?;
    // aws-0-eu-central-1
    let region = first.splitn(3, '-').nth(2)?;
    rest.starts_with("pooler.supabase.").then_some(region)
}
