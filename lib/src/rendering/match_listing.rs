//! Finding the job of a submit whose answer was lost, in the provider's listing of projects.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::callback::CALLBACK_PATH;
use clients::revid::{Project, ProviderJobId};
use platform::ids::RenderId;

/// The provider's clock may be a little behind ours.
const BEFORE: SignedDuration = SignedDuration::from_secs(5);
/// A submit takes this long at most, with the provider's clock a little ahead of ours.
const AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Whether a listing holds the job of a lost submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// This job's callback address names the render.
    ByCallback(ProviderJobId),
    /// The only job of that time that belongs to no other render.
    ByTime(ProviderJobId),
    /// The listing reaches back far enough and holds no such job.
    Absent,
    /// It cannot be told: several candidates, or a listing that does not reach back or has no times.
    Unclear,
}

/// Searches for the job of `render`, which was submitted at about `submitted_at`.
///
/// `taken` are jobs of other renders, `rivals` the times of other submits whose job is unknown too.
pub(super) fn find(
    listing: &[Project],
    render: RenderId,
    submitted_at: Timestamp,
    taken: &HashSet<String>,
    rivals: &[Timestamp],
) -> Match {
    let free = |project: &&Project| !taken.contains(project.id.as_str());
    let name = render.to_string();
    let mut projects = listing.iter().filter(free);
    if let Some(project) = projects.find(|project| project.mentions(&name)) {
        return Match::ByCallback(project.id.clone());
    }

    let times = || listing.iter().filter_map(|project| project.created_at);
    // A listing that was cut off has a round length; any other is all there is.
    let reaches_back = listing.is_empty()
        || !listing.len().is_multiple_of(5)
        || times().any(|at| at < submitted_at - BEFORE);
    let all_dated = listing.iter().all(|project| project.created_at.is_some());
    let near = |at: Timestamp, sent: Timestamp| at >= sent - BEFORE && at <= sent + AFTER;

    // Where the listing repeats callbacks, a job without this render's callback is another render's.
    let has_callback = |project: &Project| project.mentions(CALLBACK_PATH);
    let lists_callbacks = listing.iter().any(has_callback);
    let candidates: Vec<_> = listing
        .iter()
        .filter(free)
        .filter(|_| !lists_callbacks)
        .filter(|project| project.created_at.is_none_or(|at| near(at, submitted_at)))
        .collect();
    match candidates.as_slice() {
        [] if reaches_back && all_dated => Match::Absent,
        [only] => match only.created_at {
            Some(at) if all_dated && !rivals.iter().any(|rival| near(at, *rival)) => {
                Match::ByTime(only.id.clone())
            }
            _ => Match::Unclear,
        },
        _ => Match::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use clients::revid;

    fn listing(projects: Value) -> Vec<Project> {
        revid::projects_in(&projects).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_348_800 + seconds).unwrap()
    }

    fn render() -> RenderId {
        "0198c0de-0000-7000-8000-000000000001".parse().unwrap()
    }

    fn job(id: &str) -> ProviderJobId {
        ProviderJobId::new(id).unwrap()
    }

    fn find_in(projects: Value, taken: &[&str], rivals: &[Timestamp]) -> Match {
        let taken = taken.iter().map(|id| (*id).to_owned()).collect();
        find(&listing(projects), render(), at(0), &taken, rivals)
    }

    #[test]
    fn a_callback_decides_whatever_the_time() {
        let hook = |id: &str| format!("https://x/api/webhooks/revid?render={id}&token=t");
        let projects = json!([
            {"pid": "other", "createdAt": at(0), "webhookUrl": hook("0198c0de-0000-7000-8000-00000000000f")},
            {"pid": "ours", "createdAt": at(9000), "webhookUrl": hook(&render().to_string())},
        ]);
        assert_eq!(
            find_in(projects.clone(), &[], &[at(1)]),
            Match::ByCallback(job("ours"))
        );
        // A job with the callback of another render is no candidate by time.
        assert_eq!(find_in(projects, &["ours"], &[]), Match::Absent);
    }

    #[test]
    fn time_alone_needs_one_candidate_and_no_rival() {
        let one = json!([{"pid": "a", "createdAt": at(3)}, {"pid": "old", "createdAt": at(-600)}]);
        assert_eq!(find_in(one.clone(), &[], &[]), Match::ByTime(job("a")));
        assert_eq!(
            find_in(one.clone(), &[], &[at(-300)]),
            Match::ByTime(job("a"))
        );
        assert_eq!(find_in(one.clone(), &[], &[at(2)]), Match::Unclear);
        assert_eq!(find_in(one, &["a"], &[]), Match::Absent);
        let two = json!([{"pid": "a", "createdAt": at(3)}, {"pid": "b", "createdAt": at(4)}]);
        assert_eq!(find_in(two.clone(), &[], &[]), Match::Unclear);
        assert_eq!(find_in(two, &["b"], &[]), Match::ByTime(job("a")));
    }

    #[test]
    fn absence_needs_a_listing_that_reaches_back() {
        let full = |offset: i64| {
            Value::Array(
                (0..50)
                    .map(|n| json!({"pid": format!("p{n}"), "createdAt": at(offset - n)}))
                    .collect(),
            )
        };
        assert_eq!(find_in(json!([]), &[], &[]), Match::Absent);
        assert_eq!(find_in(full(500), &[], &[]), Match::Unclear);
        let Value::Array(mut all_there_is) = full(500) else {
            unreachable!()
        };
        all_there_is.truncate(13);
        assert_eq!(find_in(Value::Array(all_there_is), &[], &[]), Match::Absent);
        assert_eq!(find_in(full(-10), &[], &[]), Match::Absent);
        assert_eq!(
            find_in(json!([{"pid": "a"}, {"pid": "b"}]), &[], &[]),
            Match::Unclear
        );
        assert_eq!(find_in(json!([{"pid": "a"}]), &[], &[]), Match::Unclear);
    }
}
