//! Where the functions run and where the data is.

use serde_json::Value;
use url::Url;

use super::read::Variables;
use crate::doctor::finding::Finding;
use crate::project::Project;

/// Supabase's regions and the one of Vercel's beside each.
const NEIGHBOURS: [(&str, &str); 5] = [
    ("eu-central-1", "fra1"),
    ("eu-central-2", "fra1"),
    ("eu-north-1", "arn1"),
    ("eu-west-1", "dub1"),
    ("eu-west-3", "cdg1"),
];

pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let url = variables.text("DATABASE_URL");
    let Some(url) = url.and_then(|url| Url::parse(url).ok()) else {
        return;
    };
    connection(variables, &url, findings);
    if let Some(region) = url.host_str().and_then(pooler_region) {
        let settings = vercel_settings(project);
        let functions = settings["regions"][0].as_str().unwrap_or("iad1");
        findings.push(distance(region, functions));
    }
}

/// `vercel.json`.
pub(super) fn vercel_settings(project: &Project) -> Value {
    std::fs::read_to_string(project.root().join("vercel.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Whether the database is the project's, and is reached in a way that keeps a session.
fn connection(variables: &Variables<'_>, url: &Url, findings: &mut Vec<Finding>) {
    let named = url.username().strip_prefix("postgres.").or_else(|| {
        let host = url.host_str()?.strip_prefix("db.")?;
        host.strip_suffix(".supabase.co")
    });
    if let (Some(reference), Some(named)) = (variables.supabase_project(), named)
        && reference != named
    {
        findings.push(Finding::fault(
            format!(
                "DATABASE_URL is that of the project {named}, but SUPABASE_URL that of {reference}"
            ),
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
    rest.starts_with("pooler.supabase.").then_some(())?;
    // aws-0-eu-central-1
    first.splitn(3, '-').nth(2)
}
