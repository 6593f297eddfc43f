//! Whose project it is: a team's, or one's own.

use serde_json::Value;

use crate::Result;
use crate::deploy::api::{list, text};
use crate::deploy::context::Context;
use crate::deploy::questions;
use crate::deploy::refusal::{Refusal, stop};

/// Finds the team, which goes with every call from now on.
///
/// # Errors
///
/// When the token is not good, or there are several teams and none was chosen.
pub(in crate::deploy) async fn find(context: &mut Context) -> Result {
    let failed = |refusal: Refusal| refusal.into_error("look at the account", &context.report);
    let user = context
        .vercel
        .get("/v2/user")
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let teams = context
        .vercel
        .get("/v2/teams?limit=100")
        .await
        .map_err(failed)?
        .unwrap_or_default();
    let teams = list(&teams["teams"]);
    let called = |one: &Value, name: &str| {
        ["id", "slug", "name"]
            .iter()
            .any(|field| text(one, field) == name)
    };
    let chosen = match context.wanted.team.as_deref() {
        Some(name) => teams.iter().find(|one| called(one, name)),
        None => match teams {
            [one] => Some(one),
            teams => default(&user["user"], teams).or_else(|| {
                let names: Vec<String> = teams
                    .iter()
                    .map(|one| text(one, "name").to_owned())
                    .collect();
                questions::choose("Vercel's team", &names).and_then(|index| teams.get(index))
            }),
        },
    };
    if chosen.is_none() && !(teams.is_empty() && context.wanted.team.is_none()) {
        let slugs: Vec<&str> = teams.iter().map(|one| text(one, "slug")).collect();
        return Err(stop(
            format!("which team at Vercel? There are: {}", slugs.join(", ")),
            "name one with --vercel-team; nothing was changed",
        ));
    }
    let name = chosen.map_or("the account itself", |one| text(one, "name"));
    context
        .report
        .is(&format!("Vercel takes the token; team {name}"));
    context.vercel.team = chosen.map(|one| text(one, "id").to_owned());
    Ok(())
}

/// The team that the account itself calls its own.
fn default<'a>(user: &Value, teams: &'a [Value]) -> Option<&'a Value> {
    let id = user["defaultTeamId"].as_str()?;
    teams
        .iter()
        .find(|one| text(one, "id") == id)
        .filter(|_| !questions::can_ask())
}
