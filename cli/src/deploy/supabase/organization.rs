//! Which organization a new project belongs to.

use serde_json::Value;

use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::{questions, refusal::stop};

/// The organization's slug. This is the first call: it shows whether the token is good.
///
/// # Errors
///
/// When there is none, or several and none was chosen.
pub(in crate::deploy) async fn find(context: &Context) -> Result<String> {
    let found = context.supabase.get("/v1/organizations").await;
    let found =
        found.map_err(|refusal| refusal.into_error("list organizations", &context.report))?;
    let all = found.unwrap_or_default();
    let all = list(&all);
    let wanted = context.wanted.organization.as_deref();
    let named =
        |one: &&Value| wanted.is_some_and(|name| text(one, "name") == name || slug(one) == name);
    let chosen = match (wanted, all) {
        (Some(_), all) => all.iter().find(named),
        (None, [one]) => Some(one),
        (None, all) => {
            let names: Vec<String> = all.iter().map(|one| text(one, "name").to_owned()).collect();
            questions::choose("Supabase's organization", &names).and_then(|index| all.get(index))
        }
    };
    if let Some(one) = chosen {
        let name = text(one, "name");
        context
            .report
            .is(&format!("Supabase takes the token; organization {name}"));
        return Ok(slug(one).to_owned());
    }
    let slugs: Vec<&str> = all.iter().map(slug).collect();
    Err(match slugs.is_empty() {
        true => stop(
            "the Supabase account has no organization",
            "make one at https://supabase.com/dashboard/new (free); nothing was changed",
        ),
        false => stop(
            format!(
                "which organization at Supabase? There are: {}",
                slugs.join(", ")
            ),
            "name one with --supabase-org; nothing was changed",
        ),
    })
}

/// Answers from before slugs have only the id, which is the same.
fn slug(organization: &Value) -> &str {
    match text(organization, "slug") {
        "" => text(organization, "id"),
        slug => slug,
    }
}
