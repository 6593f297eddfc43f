//! What the world outside holds for each job, and whether the database knows of it.

use std::collections::{BTreeMap, BTreeSet};

use catalyst_cli::error::{Error, Result};
use serde_json::{Map, Value, json};
use sqlx::{PgPool, Row};
use stack::Stack;
use stack::demo::client::http;

/// Asks the stand-ins and the database, and compares.
pub(super) async fn world(stack: &Stack, database: &PgPool, jobs: u32) -> Result<Value> {
    let youtube = state(stack, "FAKE_YOUTUBE_URL").await?;
    let revid = state(stack, "FAKE_REVID_URL").await?;
    let videos = list(&youtube["videos_created"]);
    let renders = list(&revid["renders"]);

    let videos_of = by_job(videos, |video| video["title"].as_str().and_then(job));
    let renders_of = by_job(renders, |render| job(&render["request"].to_string()));
    let known = known(database).await?;

    // Done is what YouTube has and the product knows by its id.
    let lost = (1..=jobs)
        .filter(|n| {
            let ids = videos_of.get(n).cloned().unwrap_or_default();
            !ids.iter().any(|video| known.contains(&(*n, video.clone())))
        })
        .count();
    let twice = |of: &BTreeMap<u32, Vec<String>>| {
        of.values()
            .map(|some| some.len().saturating_sub(1))
            .sum::<usize>()
    };
    let foreign = videos.len() - videos_of.values().map(Vec::len).sum::<usize>() + renders.len()
        - renders_of.values().map(Vec::len).sum::<usize>();

    let failed = || Error::database("cannot count the claims");
    let row = sqlx::query(
        "select
           (select open + steps from crash_rig.progress) as left_running,
           (select count(*) from crash_rig.claims c join private.steps s on s.id = c.step where s.kind in ('render.advance', 'upload.advance')) as claims,
           (select count(*) from crash_rig.claims c where not exists (
             select from private.steps s where s.id = c.step and s.kind in ('render.advance', 'upload.advance'))) as others,
           (select count(*) from crash_rig.claims where ending = 'taken_over') as taken_over,
           (select count(*) from crash_rig.claims where ending is null) as unended,
           (select coalesce(sum(claims), 0)::bigint from private.steps where kind in ('render.advance', 'upload.advance')) as counted,
           (select coalesce(max(extract(epoch from silent)), 0)::float8 from crash_rig.claims where ending = 'taken_over') as silent,
           (select coalesce(sum(asked - 1), 0)::bigint from crash_rig.jobs) as asked_again,
           (select count(*) from public.renders where found_by in ('callback', 'listing', 'listing_time')) as found_again,
           (select count(*) from private.steps where state = 'dead') as dead",
    )
    .fetch_one(database)
    .await
    .map_err(failed())?;
    let number = |name: &str| row.try_get::<i64, _>(name).map_err(failed());
    let silent: f64 = row.try_get("silent").map_err(failed())?;
    let (claims, others) = (number("claims")?, number("others")?);
    let (counted, unended) = (number("counted")?, number("unended")?);

    let mut violations: BTreeMap<&str, u32> = BTreeMap::new();
    for violation in list(&youtube["violations"]) {
        *violations
            .entry(violation["what"].as_str().unwrap_or("?"))
            .or_default() += 1;
    }
    Ok(json!({
        "lost": lost,
        "duplicated_uploads": twice(&videos_of),
        "duplicated_renders": twice(&renders_of),
        "left_running": number("left_running")?,
        "attempts_accounted": claims == counted && others == 0 && unended == 0,
        "noticed_seconds_max": (silent * 10.0).round() / 10.0,
        "claims": claims,
        "claims_of_other_steps": others,
        "taken_over": number("taken_over")?,
        "dead_letters": number("dead")?,
        "submits_found_again": number("found_again")?,
        "asked_again": number("asked_again")?,
        "videos_created": videos.len(),
        "renders_charged": renders.len(),
        "of_no_job": foreign,
        "outcomes": outcomes(database).await?,
        "protocol_violations": violations,
    }))
}

/// Which uploads ended where, and why.
async fn outcomes(database: &PgPool) -> Result<Map<String, Value>> {
    let failed = || Error::database("cannot count the uploads");
    let rows = sqlx::query(
        "select 'upload ' || state || coalesce(': ' || case when state in ('needs_attention', 'cancelled', 'failed') then reason end, '') as what,
           count(*) as n from public.scheduled_uploads group by 1
         union all
         select 'render ' || state || coalesce(': ' || case when state = 'failed' then error ->> 'code' end, ''), count(*)
         from public.renders group by 1 order by 1",
    )
    .fetch_all(database)
    .await
    .map_err(failed())?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get::<String, _>("what").map_err(failed())?,
                json!(row.try_get::<i64, _>("n").map_err(failed())?),
            ))
        })
        .collect()
}

/// The jobs whose upload the product believes to be done, with the video it believes to be theirs.
async fn known(database: &PgPool) -> Result<BTreeSet<(u32, String)>> {
    let failed = || Error::database("cannot read the uploads");
    let rows = sqlx::query(
        "select j.n, u.youtube_video_id from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
         where u.state in ('on_youtube', 'published')",
    )
    .fetch_all(database)
    .await
    .map_err(failed())?;
    rows.iter()
        .map(|row| {
            let n: i32 = row.try_get("n").map_err(failed())?;
            let video: String = row.try_get("youtube_video_id").map_err(failed())?;
            Ok((n.unsigned_abs(), video))
        })
        .collect()
}

fn by_job(things: &[Value], job_of: impl Fn(&Value) -> Option<u32>) -> BTreeMap<u32, Vec<String>> {
    let mut found: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for thing in things {
        if let Some(n) = job_of(thing) {
            let id = thing["id"].as_str().or(thing["pid"].as_str());
            found
                .entry(n)
                .or_default()
                .push(id.unwrap_or_default().to_owned());
        }
    }
    found
}

/// The number behind the mark in a title or a script.
fn job(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("jobmark")?;
    rest.get(..6)?.parse().ok()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) async fn state(stack: &Stack, name: &str) -> Result<Value> {
    let failed = |problem: String| Error::setup(problem, "see the logs under crash/logs");
    let url = stack.environment().get(name).cloned().unwrap_or_default();
    http()
        .map_err(|error| failed(error.to_string()))?
        .get(format!("{url}/_state"))
        .send()
        .await
        .map_err(|error| failed(error.to_string()))?
        .json()
        .await
        .map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::job;

    #[test]
    fn marks_are_found_in_titles_and_scripts() {
        assert_eq!(job("jobmark000042"), Some(42));
        assert_eq!(
            job(r#"{"source":{"text":"jobmark001000 is what"}}"#),
            Some(1000)
        );
        assert_eq!(job("nothing"), None);
    }
}
