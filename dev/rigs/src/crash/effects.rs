//! What the world outside holds for each job, and whether the database knows of it.

use std::collections::{BTreeMap, BTreeSet};

use catalyst_cli::error::Result;
use serde_json::{Value, json};
use sqlx::PgPool;
use stack::{Addresses, controls};

use crate::database::{rows, value};
use crate::stand_ins::list;

/// The ids of the things outside, by the number of their job.
type ByJob = BTreeMap<u32, Vec<String>>;

/// Asks the stand-ins and the database, and compares.
pub(super) async fn count(addresses: &Addresses, database: &PgPool, jobs: u32) -> Result<Value> {
    let youtube = controls::state(&addresses.youtube).await?;
    let revid = controls::state(&addresses.revid).await?;
    let (videos, renders) = (list(&youtube, "videos_created"), list(&revid, "renders"));
    let videos_of = by_job(videos, |video| video["title"].as_str().and_then(job));
    let renders_of = by_job(renders, |render| job(&render["request"].to_string()));
    let of_jobs: usize = videos_of
        .values()
        .chain(renders_of.values())
        .map(Vec::len)
        .sum();
    let mut counted: Value =
        value(database, "select to_json(r) from crash_rig.records r", ()).await?;
    counted["lost"] = json!(lost(&videos_of, &known(database).await?, jobs));
    counted["duplicated_uploads"] = json!(duplicated(&videos_of));
    counted["duplicated_renders"] = json!(duplicated(&renders_of));
    counted["videos_created"] = json!(videos.len());
    counted["renders_charged"] = json!(renders.len());
    counted["of_no_job"] = json!(videos.len() + renders.len() - of_jobs);
    counted["protocol_violations"] = json!(violations(list(&youtube, "violations")));
    Ok(counted)
}

/// Jobs that are not done: done is what YouTube has and the product knows by its id.
fn lost(videos: &ByJob, known: &BTreeSet<(u32, String)>, jobs: u32) -> usize {
    let is_done = |n: &u32| {
        let mut ids = videos.get(n).into_iter().flatten();
        ids.any(|video| known.contains(&(*n, video.clone())))
    };
    (1..=jobs).filter(|n| !is_done(n)).count()
}

fn duplicated(of: &ByJob) -> usize {
    of.values().map(|some| some.len().saturating_sub(1)).sum()
}

/// How often the stand-in of YouTube saw each of its rules broken.
fn violations(list: &[Value]) -> BTreeMap<&str, u32> {
    let mut count = BTreeMap::new();
    for violation in list {
        let what = violation["what"].as_str().unwrap_or("?");
        *count.entry(what).or_default() += 1;
    }
    count
}

/// The jobs whose upload the product believes to be done, with the video it believes to be theirs.
async fn known(database: &PgPool) -> Result<BTreeSet<(u32, String)>> {
    let done = "select j.n, u.youtube_video_id from crash_rig.jobs j join public.scheduled_uploads u on u.id = j.upload_id
         where u.state in ('on_youtube', 'published')";
    let found: Vec<(i32, String)> = rows(database, done, ()).await?;
    Ok(found
        .into_iter()
        .map(|(n, video)| (n.unsigned_abs(), video))
        .collect())
}

fn by_job(things: &[Value], job_of: impl Fn(&Value) -> Option<u32>) -> ByJob {
    let mut found: ByJob = BTreeMap::new();
    for thing in things {
        if let Some(n) = job_of(thing) {
            let id = thing["id"]
                .as_str()
                .or(thing["pid"].as_str())
                .unwrap_or_default();
            found.entry(n).or_default().push(id.to_owned());
        }
    }
    found
}

/// The number behind the mark in a title or a script.
fn job(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("jobmark")?;
    rest.get(..6)?.parse().ok()
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
