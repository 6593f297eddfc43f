//! Rules that both the functions and the database must know: asked of both, and compared.

use std::collections::BTreeSet;

use catalyst::{publishing::UploadState, rendering::State as RenderState, slots::Zone};
use clients::quota_day::QuotaDay;
use jiff::Timestamp;

use crate::support::Stack;

fn lines(stack: &Stack, statement: &str) -> Vec<String> {
    stack.sql(statement).lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_quota_day_begins_at_the_same_moment() {
    let stack = Stack::from_env();
    // Every seven hours of two years: four changes of the clocks, and instants on both sides of every midnight.
    let answers = lines(
        &stack,
        "select extract(epoch from at)::bigint, private.quota_day(at),
           extract(epoch from private.quota_day_start(private.quota_day(at)))::bigint,
           extract(epoch from private.quota_day_start(private.quota_day(at) + 1))::bigint
         from generate_series('2026-01-01 00:00Z'::timestamptz, '2027-12-31 23:59Z', '7 hours') at",
    );
    assert!(answers.len() > 2000, "{}", answers.len());
    for answer in answers {
        let mut fields = answer.split('|');
        let mut field = || fields.next().expect("four fields");
        let at = Timestamp::from_second(field().parse().unwrap()).unwrap();
        let day = QuotaDay::of(at);
        assert_eq!(day.date().to_string(), field(), "{at}");
        assert_eq!(day.start().as_second().to_string(), field(), "{at}");
        assert_eq!(day.end().as_second().to_string(), field(), "{at}");
    }
}

/// A channel's zone is checked by both; what one of them took and the other does not know would break it later.
#[tokio::test]
async fn both_know_the_same_time_zones() {
    let stack = Stack::from_env();
    let database: BTreeSet<String> = lines(
        &stack,
        "select name from pg_timezone_names where private.is_time_zone(name)",
    )
    .into_iter()
    .collect();
    assert!(database.len() > 400, "{}", database.len());
    // Each has the time zones of its own release: a name may be new to one of them, but no kind of name.
    let unknown: Vec<_> = database.iter().filter(|name| !is_zone(name)).collect();
    assert!(unknown.len() < 10, "the functions refuse {unknown:?}");
    let functions: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| is_zone(name))
        .collect();
    let unknown: Vec<_> = functions
        .iter()
        .filter(|name| !database.contains(*name))
        .collect();
    assert!(unknown.len() < 10, "the database refuses {unknown:?}");
    for name in [
        "CET",
        "EST5EDT",
        "GMT",
        "+02:00",
        "utc",
        "UTC+2",
        "Europe/Atlantis",
        "",
        "posix/UTC",
    ] {
        assert!(!is_zone(name), "{name}");
        assert_eq!(
            stack.sql(&format!("select private.is_time_zone('{name}')")),
            "f",
            "{name}"
        );
    }
}

fn is_zone(name: &str) -> bool {
    Zone::named(name).is_some()
}

/// A value at an age is read off two counts of which the later is at most twice as old as the earlier: so the catalogue is
/// counted at every age of the model, and often enough in between.
#[tokio::test]
async fn counters_are_read_at_the_ages_of_the_scoring_model() {
    let stack = Stack::from_env();
    let ages: Vec<f64> = lines(
        &stack,
        "with recursive ages(minute) as (
           select 0::bigint
           union all
           select extract(epoch from private.next_checkpoint('epoch', to_timestamp(minute * 60)))::bigint / 60
           from ages where minute is not null)
         select minute from ages where minute > 0",
    )
    .iter()
    .map(|minutes| minutes.parse::<f64>().unwrap() / 60.0)
    .collect();
    let model = &scoring::MODEL;
    for hours in model.checkpoints_h {
        assert!(
            ages.contains(&f64::from(hours)),
            "{hours} h is not in {ages:?}"
        );
    }
    for pair in ages.windows(2) {
        assert!(pair[1] <= model.max_age_ratio * pair[0], "{pair:?}");
    }
    let last = f64::from(model.checkpoints_h[model.checkpoints_h.len() - 1]);
    assert!(ages[ages.len() - 1] >= last, "{ages:?}");
    // What is older than that is thinned, and not handed to the model.
    let kept: f64 = stack
        .sql("select private.scored_age_hours()")
        .parse()
        .unwrap();
    assert!(kept >= last * model.max_age_ratio, "{kept}");
}

#[tokio::test]
async fn an_unknown_outcome_never_leads_back_to_sending_and_every_upload_can_end() {
    let stack = Stack::from_env();
    let successors = |state: UploadState| {
        let statement = format!("select unnest(private.upload_successors('{state}'))");
        lines(&stack, &statement)
    };
    for next in successors(UploadState::OutcomeUnknown) {
        assert!(!matches!(next.as_str(), "preparing" | "uploading"));
    }
    let mut reached = BTreeSet::from([UploadState::Scheduled.to_string()]);
    for state in UploadState::ALL {
        let next = successors(state);
        assert_eq!(next.is_empty(), state.is_final(), "{state}");
        assert!(!next.contains(&state.to_string()), "{state}");
        assert!(
            state.is_final() || next.contains(&UploadState::Cancelled.to_string()),
            "{state}"
        );
        reached.extend(next);
    }
    assert_eq!(
        reached,
        UploadState::ALL.iter().map(ToString::to_string).collect()
    );
}

#[tokio::test]
async fn a_render_is_sent_only_from_requested_and_never_returns_from_the_provider() {
    let stack = Stack::from_env();
    let transitions = lines(
        &stack,
        "select from_state || ' ' || to_state from private.render_transitions()",
    );
    assert!(!transitions.is_empty());
    for transition in transitions {
        let (from, to) = transition.split_once(' ').unwrap();
        assert_ne!(from, to);
        assert!(to != "submitting" || from == "requested", "{transition}");
        assert!(!["failed", "cancelled"].contains(&from), "{transition}");
        // Only by somebody who has watched it.
        assert!(from != "ready" || to == "failed", "{transition}");
        let at_provider = ["queued", "rendering", "timed_out_unknown"].contains(&from);
        let before = ["requested", "submitting", "submit_unknown"].contains(&to);
        assert!(!(at_provider && before), "{transition}");
    }
}

#[tokio::test]
async fn the_database_holds_the_states_that_the_functions_know() {
    let stack = Stack::from_env();
    let states = |table: &str, name: &str| -> BTreeSet<String> {
        lines(
            &stack,
            &format!(
                "select (regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g'))[1] from pg_constraint
                 where conrelid = '{table}'::regclass and conname = '{name}'"
            ),
        )
        .into_iter()
        .collect()
    };
    assert_eq!(
        states("public.scheduled_uploads", "scheduled_uploads_state_check"),
        UploadState::ALL.iter().map(ToString::to_string).collect()
    );
    assert_eq!(
        states("public.renders", "renders_state_check"),
        RenderState::ALL.iter().map(ToString::to_string).collect()
    );
}
