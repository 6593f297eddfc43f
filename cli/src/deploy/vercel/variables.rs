//! The functions' variables. Vercel tells no secret again, so each carries the fingerprint of its value as a comment; those that
//! are not secret are compared as they are.

use reqwest::Method;
use serde_json::{Value, json};

use super::project::Site;
use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::refusal::{Refusal, stop};
use crate::deploy::variables::{Variable, fingerprint};

/// What a comment of ours begins with.
const COMMENT: &str = "catalyst deploy, value ";

/// The variables that the project has.
#[derive(Clone, Debug, Default)]
pub(in crate::deploy) struct Known(Vec<Value>);

impl Known {
    /// Whether production has a variable.
    pub(in crate::deploy) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Whether a secret is known to have another value than this.
    pub(in crate::deploy) fn is_other(&self, name: &str, value: &str) -> bool {
        let comment = self.find(name).map(|one| text(one, "comment"));
        let known = comment.and_then(|comment| comment.strip_prefix(COMMENT));
        known.is_some_and(|known| known != fingerprint(value))
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|one| text(one, "key") == name && targets(one).contains(&"production"))
    }

    fn is_as_wanted(&self, wanted: &Variable) -> bool {
        self.find(&wanted.name).is_some_and(|one| {
            // Only a dry run does not know a value.
            if wanted.value.is_empty() {
                return true;
            }
            let same = match wanted.is_secret {
                true => text(one, "comment") == comment(wanted),
                false => text(one, "value") == wanted.value && text(one, "type") == "plain",
            };
            same && targets(one).contains(&"preview") == wanted.in_previews
        })
    }
}

/// Where a variable holds; an answer may name one place without a list.
fn targets(variable: &Value) -> Vec<&str> {
    match &variable["target"] {
        Value::String(one) => vec![one],
        several => list(several).iter().filter_map(Value::as_str).collect(),
    }
}

fn comment(variable: &Variable) -> String {
    format!("{COMMENT}{}", variable.fingerprint())
}

/// Reads what there is.
///
/// # Errors
///
/// When it cannot be read.
pub(in crate::deploy) async fn read(context: &Context, site: &Site) -> Result<Known> {
    let path = format!("/v10/projects/{}/env", site.id);
    let found = context.vercel.get(&path).await;
    let found =
        found.map_err(|refusal| refusal.into_error("read the variables", &context.report))?;
    Ok(Known(list(&found.unwrap_or_default()["envs"]).to_vec()))
}

/// Makes what is missing and changes what differs.
///
/// # Errors
///
/// When one is refused; the next run sets those that are missing.
pub(in crate::deploy) async fn ensure(
    context: &Context,
    site: &Site,
    known: &Known,
    wanted: &[Variable],
) -> Result {
    let failed = |refusal: Refusal| refusal.into_error("set the variables", &context.report);
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for variable in wanted.iter().filter(|one| !known.is_as_wanted(one)) {
        if variable.is_secret {
            context.report.hide(&variable.value);
        }
        match known.find(&variable.name) {
            Some(found) => {
                let path = format!("/v9/projects/{}/env/{}", site.id, text(found, "id"));
                let set =
                    context
                        .vercel
                        .change(&context.report, Method::PATCH, &path, body(variable));
                set.await.map_err(failed)?;
                changed.push(variable.name.as_str());
            }
            None => new.push(variable),
        }
    }
    if !new.is_empty() {
        // Without `upsert`: what somebody else made meanwhile is refused, and not overwritten.
        let path = format!("/v10/projects/{}/env", site.id);
        let bodies: Value = new.iter().map(|one| body(one)).collect();
        let made = context
            .vercel
            .change(&context.report, Method::POST, &path, bodies);
        let made = made.await.map_err(failed)?;
        if let Some(first) = list(&made["failed"]).first() {
            let reason = first.pointer("/error/message").and_then(Value::as_str);
            return Err(stop(
                format!(
                    "Vercel did not take every variable: {}",
                    reason.unwrap_or("no reason given")
                ),
                "those that it took stay; compare them in the project's settings",
            ));
        }
        changed.extend(new.iter().map(|one| one.name.as_str()));
    }
    if changed.is_empty() {
        context
            .report
            .is(&format!("Vercel: all {} variables are set", wanted.len()));
    } else if !context.wanted.dry_run {
        context
            .report
            .did(&format!("Vercel: set {}", changed.join(", ")));
    }
    Ok(())
}

fn body(variable: &Variable) -> Value {
    let places: &[&str] = match variable.in_previews {
        true => &["production", "preview"],
        false => &["production"],
    };
    let mut body = json!({
        "key": variable.name, "value": variable.value, "target": places,
        "type": if variable.is_secret { "sensitive" } else { "plain" },
    });
    if variable.is_secret {
        body["comment"] = comment(variable).into();
    }
    body
}

#[cfg(test)]
mod tests;
