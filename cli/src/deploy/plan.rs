//! The order of the steps. What everything else stands on comes first, and both accounts are asked before anything is made.

use super::context::Context;
use super::{by_hand, smoke, supabase, token_keys, variables, vercel};
use crate::Result;
use crate::doctor;

/// Brings everything about; true when the deployment answers as it should.
///
/// # Errors
///
/// At the first call that is refused.
pub(super) async fn run(context: &mut Context) -> Result<bool> {
    let organization = supabase::organization::find(context).await?;
    vercel::account::find(context).await?;
    let site = vercel::project::find(context).await?;
    let project = supabase::project::ensure(context, &organization).await?;
    let keys = supabase::keys::ensure(context, &project).await?;

    let database = supabase::database::open(context, &project).await?;
    supabase::extensions::ensure(context, database.as_ref()).await?;
    supabase::migrations::ensure(context, database.as_ref()).await?;
    supabase::data_api::ensure(context, &project).await?;
    supabase::signing_keys::ensure(context, &project).await?;
    supabase::storage::ensure(context, &project).await?;

    let site = vercel::project::ensure(context, site).await?;
    let address = vercel::domain::ensure(context, &site).await?;
    supabase::auth::ensure(context, &project, &address.url).await?;
    supabase::mail::ensure(context, &project).await?;
    let cron_secret = supabase::vault::ensure(context, database.as_ref(), &address.url).await?;
    let known = vercel::variables::read(context, &site).await?;
    let token_keys = token_keys::ensure(context, database.as_ref(), &known).await?;
    let wanted = variables::wanted(
        &context.wanted,
        &variables::Made {
            supabase_url: project.url.clone(),
            publishable_key: keys.publishable,
            secret_key: keys.secret,
            app_url: address.url.clone(),
            cron_secret,
            token_keys,
        },
    );
    vercel::variables::ensure(context, &site, &known, &wanted).await?;
    if context.wanted.build {
        vercel::deployment::ensure(context, &site, &wanted).await?;
    }

    let mut works = true;
    if !context.wanted.dry_run && context.wanted.build {
        works = smoke::test(context, &address.url).await?;
        examine(context, &wanted).await;
    }
    let items = by_hand::items(&context.wanted, &project.reference, &address);
    context
        .report
        .say(&by_hand::written(&items, &context.wanted.name));
    Ok(works)
}

/// What the doctor finds, with the variables that the functions have now.
async fn examine(context: &Context, wanted: &[variables::Variable]) {
    let mut all = variables::for_doctor(wanted);
    if let Some(url) = context.kept.get("DATABASE_URL") {
        all.insert("DATABASE_URL".to_owned(), url.to_owned());
    }
    context.report.say("\nWhat `catalyst doctor` finds:");
    for finding in doctor::examine(&context.checkout, &all, false).await {
        context.report.say(&finding.to_string());
    }
}
