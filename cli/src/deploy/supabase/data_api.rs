//! Which schemas the Data API serves.

use reqwest::Method;
use serde_json::{Value, json};

use super::project::Project;
use crate::Result;
use crate::deploy::api::text;
use crate::deploy::context::Context;

/// Serves `engine` beside what is served already. After the migrations: the Data API fails for a schema that is not there.
///
/// # Errors
///
/// When the settings cannot be read or changed.
pub(in crate::deploy) async fn ensure(context: &Context, project: &Project) -> Result {
    let path = project.path("/postgrest");
    let found = context.supabase.get(&path).await;
    let found = found
        .map_err(|refusal| refusal.into_error("read the Data API's settings", &context.report))?;
    let found = found.unwrap_or_default();
    let schemas = with_ours(text(&found, "db_schema"));
    let is_right = same(&schemas, text(&found, "db_schema")) && found["max_rows"] == 1000;
    if !is_right {
        let body = json!({"db_schema": schemas, "max_rows": 1000});
        let changed = context
            .supabase
            .change(&context.report, Method::PATCH, &path, body)
            .await;
        let changed =
            changed.map_err(|refusal| refusal.into_error("expose the schemas", &context.report))?;
        if changed != Value::Null {
            context
                .report
                .did(&format!("Supabase: the Data API serves {schemas}"));
        }
        return Ok(());
    }
    context
        .report
        .is(&format!("Supabase: the Data API serves {schemas}"));
    Ok(())
}

/// The schemas of a list, with ours; the first one is the default, so `public` leads.
fn with_ours(known: &str) -> String {
    let known = known
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let mut all = vec!["public", "engine"];
    all.extend(known.filter(|name| !["public", "engine"].contains(name)));
    all.join(",")
}

fn same(one: &str, other: &str) -> bool {
    let names = |list: &str| {
        list.split(',')
            .map(|name| name.trim().to_owned())
            .collect::<Vec<_>>()
    };
    names(one) == names(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_already_stays() {
        assert_eq!(
            with_ours("public, graphql_public"),
            "public,engine,graphql_public"
        );
        assert_eq!(with_ours(""), "public,engine");
        assert!(same("public,engine", "public, engine") && !same("engine,public", "public,engine"));
    }
}
