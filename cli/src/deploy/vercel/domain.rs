//! The address of the deployment.

use reqwest::Method;
use serde_json::{Value, json};

use super::project::Site;
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::Refusal;
use crate::http::base;

/// Where names without a domain of their own are.
const SHARED: &str = ".vercel.app";

/// The address, and what a person must still do for it.
#[derive(Clone, Debug, Default)]
pub(in crate::deploy) struct Address {
    /// With its scheme, without a slash at the end.
    pub(in crate::deploy) url: String,
    /// Records that a domain of the operator's own still needs: type, name, value.
    pub(in crate::deploy) records: Vec<[String; 3]>,
}

/// The operator's domain; otherwise the name that the project has at Vercel, or gets now. It is read rather than guessed: where
/// `<name>.vercel.app` was taken, Vercel may have given another one.
///
/// # Errors
///
/// When the name belongs to somebody else.
pub(in crate::deploy) async fn ensure(context: &Context, site: &Site) -> Result<Address> {
    let path = format!("/v9/projects/{}/domains", site.id);
    let failed =
        |refusal: Refusal| refusal.into_error("look at the project's addresses", &context.report);
    let found = context
        .vercel
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let known = list(&found["domains"]);
    let host = host(context, known);
    let domain = match known.iter().find(|one| text(one, "name") == host) {
        Some(domain) => domain.clone(),
        None => take(context, site, &host).await?,
    };
    let url = match &context.wanted.app_url {
        Some(url) => base(url).to_owned(),
        None => format!("https://{host}"),
    };
    context
        .report
        .is(&format!("Vercel: the deployment's address is {url}"));
    let records = match context.wanted.domain.is_some() {
        true => records(context, &host, &domain).await?,
        false => Vec::new(),
    };
    Ok(Address { url, records })
}

/// The name that is wanted: one that serves production already, where there is no other.
fn host(context: &Context, known: &[Value]) -> String {
    let for_others = ["redirect", "gitBranch", "customEnvironmentId"];
    let serves = |one: &&Value| for_others.iter().all(|field| one[*field].is_null());
    let mut names = known.iter().filter(serves).map(|one| text(one, "name"));
    let shared = || names.find(|name| name.ends_with(SHARED)).map(str::to_owned);
    let wanted = context.wanted.domain.clone().or_else(shared);
    wanted.unwrap_or_else(|| format!("{}{SHARED}", context.wanted.name))
}

async fn take(context: &Context, site: &Site, host: &str) -> Result<Value> {
    let path = format!("/v10/projects/{}/domains", site.id);
    let added = context
        .vercel
        .change(&context.report, Method::POST, &path, json!({"name": host}));
    let doing = format!("take the address {host}");
    let added = added
        .await
        .map_err(|refusal| refusal.into_error(&doing, &context.report))?;
    if added != Value::Null {
        context
            .report
            .did(&format!("Vercel: took the address {host}"));
    }
    Ok(added)
}

/// What the domain's own name server must still say.
async fn records(context: &Context, host: &str, domain: &Value) -> Result<Vec<[String; 3]>> {
    let failed =
        |refusal: Refusal| refusal.into_error("look at the domain's records", &context.report);
    let challenge =
        |one: &Value| ["type", "domain", "value"].map(|field| text(one, field).to_owned());
    let mut records: Vec<[String; 3]> = match domain["verified"] == true {
        true => Vec::new(),
        false => list(&domain["verification"])
            .iter()
            .map(challenge)
            .collect(),
    };
    if context.wanted.dry_run {
        return Ok(records);
    }
    let config = context
        .vercel
        .get(&format!("/v6/domains/{host}/config"))
        .await
        .map_err(failed)?;
    let config = config.unwrap_or_default();
    if config["misconfigured"] != false {
        // Recommendations come by rank, a list of addresses or one name each; without any, Vercel's long-standing ones are told.
        let name = config
            .pointer("/recommendedCNAME/0/value")
            .and_then(Value::as_str);
        let name = name.unwrap_or("cname.vercel-dns.com").to_owned();
        let address = config
            .pointer("/recommendedIPv4/0/value/0")
            .and_then(Value::as_str);
        let address = address.unwrap_or("76.76.21.21").to_owned();
        let apex = host.split('.').count() == 2;
        let (kind, value) = if apex {
            ("A", address)
        } else {
            ("CNAME", name)
        };
        records.push([kind.to_owned(), host.to_owned(), value]);
    }
    Ok(records)
}
