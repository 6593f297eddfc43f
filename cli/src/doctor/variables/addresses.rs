//! Addresses that the functions and browsers can reach.

use url::Url;

use super::read::Variables;
use super::regions::vercel_settings;
use crate::doctor::finding::Finding;
use crate::loopback::{is_loopback, is_private};
use crate::project::Project;

pub(super) fn check(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let app = &variables.config.app;
    let supabase = &variables.config.supabase.url;
    for (name, url) in [
        ("APP_URL", Some(&app.url)),
        ("SUPABASE_URL", Some(supabase)),
        ("FRONTEND_URL", app.frontend_url.as_ref()),
    ] {
        if let Some(url) = url.filter(|_| variables.can_read(&[name])) {
            check_one(variables, name, url, findings);
        }
    }
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
        findings.push(Finding::advice("FRONTEND_URL is not set", "set it: browsers of another origin may then call this API, and consent ends at your page"));
    }
    dashboard(variables, project, findings);
}

fn check_one(variables: &Variables<'_>, name: &str, url: &Url, findings: &mut Vec<Finding>) {
    if !variables.is_local() && is_loopback(url) {
        findings.push(Finding::fault(
            format!("{name} is on this machine ({url}), but APP_URL is not"),
            "give an address that the deployment can reach",
        ));
    } else if !is_private(url) {
        findings.push(Finding::fault(
            format!("{name} is {url}"),
            "give an https address",
        ));
    }
    if name != "FRONTEND_URL" && url.path() != "/" {
        findings.push(Finding::fault(
            format!("{name} has the path {}", url.path()),
            "give the address without a path: paths are added to it",
        ));
    }
}

/// The dashboard's page calls only what its security policy allows.
fn dashboard(variables: &Variables<'_>, project: &Project, findings: &mut Vec<Finding>) {
    let allowed = vercel_settings(project)["headers"].to_string();
    let url = &variables.config.supabase.url;
    let host = url.host_str().unwrap_or_default();
    if variables.can_read(&["SUPABASE_URL"])
        && !is_loopback(url)
        && !host.ends_with(".supabase.co")
        && !allowed.contains(host)
    {
        findings.push(Finding::advice(
            format!("the dashboard may not reach {host}"),
            format!("add https://{host} to connect-src of /dashboard in vercel.json"),
        ));
    }
}
