//! What the world outside holds for each job, and whether the database knows of it.

use std::collections::{BTreeMap, BTreeSet};

use catalyst_cli::error::{Error, Result};
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::{Addresses, controls};

use super::records::{Records, outcomes};
use crate::reports::tenths;

/// The ids of the things outside, by the number of their job.
type ByJob = BTreeMap<u32, Vec<String>>;

/// Asks the stand-ins and the database, and compares.
pub(super) async fn count(addresses: &Addresses, database: &PgPool, jobs: u32) -> Result<Value> {
    let youtube = controls::state(&addresses.youtube).await?;
    let revid = controls::state(&addresses.revid).await?;
    let (videos, renders) = (list(&youtube["videos_created"]), list(&revid["renders"]));
    let videos_of = by_job(videos, |video| video["title"].as_str().and_then(job));
    let renders_of = by_job(renders, |render| job(&render["request"].to_string()));
    let records = Records::read(database).await?;
    let of_no_job = videos.len() + renders.len() - total(&videos_of) - total(&renders_of);
    Ok(json!({
        "lost": lost(&videos_of, &known(database).await?, jobs),
        "duplicated_uploads": duplicated(&videos_of),
        "duplicated_renders": duplicated(&renders_of),
        "left_running": records.left_running,
        "attempts_accounted": records.are_accounted(),
        "noticed_seconds_max": tenths(records.longest_silence),
        "claims": records.claims,
        "claims_of_other_steps": records.claims_of_other_steps,
        "taken_over": records.taken_over,
        "dead_letters": records.dead_letters,
        "submits_found_again": records.submits_found_again,
        "asked_again": records.asked_again,
        "videos_created": videos.len(),
        "renders_charged": renders.len(),
        "of_no_job": of_no_job,
        "outcomes": outcomes(database).await?,
        "protocol_violations": violations(list(&youtube["violations"])),
    }))
}

/// Jobs that are not done: done is what YouTube has and the product knows by its id.
fn lost(videos: &ByJob, known: &BTreeSet<(u32, String)>, jobs: u32) -> usize {
    (1..=jobs)
        .filter(|n| {
            let ids = videos.get(n).into_iter().flatten();
            !ids.into_iter()
                .any(|video| known.contains(&(*n, video.clone())))
        })
        .count()
}

fn duplicated(of: &ByJob) -> usize {
    of.values().map(|some| some.len().saturating_sub(1)).sum()
}

fn total(of: &ByJob) -> usize {
    of.values().map(Vec::len).sum()
}

/// How often the stand-in of YouTube saw each of its rules broken.
fn violations(list: &[Value]) -> BTreeMap<&str, u32> {
    let mut count = BTreeMap::new();
    for violation in list {
        *count
            .entry(violation["what"].as_str().unwrap_or("?"))
            .or_default() += 1;
    }
    count
}

/// The jobs whose upload the product believes to be done, with the video it believes to be theirs.
async fn known(database: &PgPool) -> Result<BTreeSet<(u32, String)>> {
    let rows: Vec<(i32, String)> = sqlx::query_as(
        "select j.n, u.youtube_video_id from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
         where u.state in ('on_youtube', 'published')",
    )
    .fetch_all(database)
    .await
    .map_err(Error::database("cannot read the uploads"))?;
    Ok(rows
        .into_iter()
        .map(|(n, video)| (n.unsigned_abs(), video))
        .collect())
}

fn by_job(things: &[Value], job_of: impl Fn(&Value) -> Option<u32>) -> ByJob {
    let mut found: ByJob = BTreeMap::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_titles_and_scripts() {
        assert_eq!(job("jobmark000042"), Some(42));
        assert_eq!(
            job(r#"{"source":{"text":"jobmark001000 is what"}}"#),
            Some(1000)
        );
        assert_eq!(job("nothing"), None);
    }

    #[test]
    fn a_video_that_the_product_does_not_know_is_a_lost_job() {
        let videos = [
            json!({"id": "a", "title": "jobmark000001"}),
            json!({"id": "b", "title": "jobmark000002"}),
            json!({"id": "c", "title": "jobmark000002"}),
        ];
        let of = by_job(&videos, |video| video["title"].as_str().and_then(job));
        let known = BTreeSet::from([(1, "a".to_owned()), (2, "x".to_owned())]);
        assert_eq!(lost(&of, &known, 3), 2);
        assert_eq!(duplicated(&of), 1);
    }
}
