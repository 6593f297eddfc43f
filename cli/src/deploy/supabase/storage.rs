//! How large a file the project's storage takes. The bucket itself is made by a migration.

use reqwest::Method;
use serde_json::json;

use super::project::Project;
use crate::Result;
use crate::deploy::context::Context;

/// A rendered video, as supabase/config.toml has it.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;

/// Raises the limit, as far as the plan allows it.
///
/// # Errors
///
/// When the setting cannot be read, or not changed for another reason than the plan.
pub(in crate::deploy) async fn ensure(context: &Context, project: &Project) -> Result {
    let path = project.path("/config/storage");
    let found = context.supabase.get(&path).await;
    let found = found
        .map_err(|refusal| refusal.into_error("read the storage's settings", &context.report))?;
    let limit = found
        .as_ref()
        .and_then(|found| found["fileSizeLimit"].as_u64());
    if limit.is_some_and(|limit| limit >= LARGEST) {
        context.report.is("Supabase: storage takes files of 2 GiB");
        return Ok(());
    }
    let body = json!({"fileSizeLimit": LARGEST});
    match context
        .supabase
        .change(&context.report, Method::PATCH, &path, body)
        .await
    {
        Ok(_) if context.wanted.dry_run => {}
        Ok(_) => context.report.did("Supabase: storage takes files of 2 GiB"),
        Err(refusal) if refusal.is_of_the_plan() => {
            let limit = limit.unwrap_or_default() / (1024 * 1024);
            context.report.advise(
                &format!("this plan stores files of {limit} MiB at most"),
                "larger renders are published from RevID's own address, which ends after a while; a paid plan keeps copies of them",
            );
        }
        Err(refusal) => {
            return Err(refusal.into_error("change the storage's limit", &context.report));
        }
    }
    Ok(())
}
