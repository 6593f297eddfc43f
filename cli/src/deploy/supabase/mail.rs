//! The server that sends the mail of sign-in, where one was given (`SMTP_HOST` and so on). Supabase's own writes to members of the
//! organization only.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::project::Project;
use crate::Result;
use crate::deploy::context::Context;
use crate::deploy::refusal::Refusal;
use crate::deploy::variables::fingerprint;

/// Variables, and the fields of the API that they are.
const FIELDS: [(&str, &str); 5] = [
    ("SMTP_HOST", "smtp_host"),
    ("SMTP_PORT", "smtp_port"),
    ("SMTP_USER", "smtp_user"),
    ("SMTP_SENDER", "smtp_admin_email"),
    ("SMTP_NAME", "smtp_sender_name"),
];

/// The password is not told again as it was set, so which one it was is kept here.
const KEPT: &str = "SMTP_PASS_FINGERPRINT";

/// Sets it where it differs.
///
/// # Errors
///
/// When the settings cannot be read or changed.
pub(in crate::deploy) async fn ensure(context: &mut Context, project: &Project) -> Result {
    let given = |name: &str| context.wanted.variables.get(name).map(String::as_str);
    if given("SMTP_HOST").is_none() {
        return Ok(());
    }
    let failed = |refusal: Refusal| refusal.into_error("set the mail server", &context.report);
    let path = project.path("/config/auth");
    let found = context
        .supabase
        .get(&path)
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let mut body: Map<String, Value> = FIELDS
        .iter()
        .filter_map(|(variable, field)| Some(((*field).to_owned(), given(variable)?.into())))
        .collect();
    let password = given("SMTP_PASS").unwrap_or_default().to_owned();
    let print = fingerprint(&password);
    let same = body.iter().all(|(field, value)| found[field] == *value);
    if same && context.kept.get(KEPT) == Some(&print) {
        context.report.is("Supabase: mail goes through your server");
        return Ok(());
    }
    context.report.hide(&password);
    body.insert("smtp_pass".to_owned(), json!(password));
    let changed = context
        .supabase
        .change(&context.report, Method::PATCH, &path, body.into());
    if changed.await.map_err(failed)? != Value::Null {
        context.kept.set(KEPT, &print)?;
        context
            .report
            .did("Supabase: mail goes through your server");
    }
    Ok(())
}
