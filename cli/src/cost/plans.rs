//! From which use on a plan is left for the next.

use super::usage::Usage;

/// How many channels a Supabase project holds before the next is begun (docs/scaling.md).
const CHANNELS_PER_PROJECT: f64 = 20_000.0;

/// What a plan includes of one thing, and what is used of it.
struct Bound {
    what: &'static str,
    used: f64,
    included: f64,
}

/// Why a free plan does not do; none when it does.
fn exceeded(bounds: &[Bound]) -> Option<String> {
    let over = bounds.iter().filter(|bound| bound.used > bound.included);
    let over: Vec<String> = over
        .map(|bound| format!("{} {:.1} of {}", bound.what, bound.used, bound.included))
        .collect();
    (!over.is_empty()).then(|| over.join(", "))
}

/// Why Vercel's Hobby plan does not do.
pub(super) fn beyond_hobby(usage: &Usage, commercial: bool) -> Option<String> {
    if commercial {
        return Some("Hobby allows no commercial use".to_owned());
    }
    exceeded(&[
        Bound {
            what: "million calls",
            used: usage.million_calls,
            included: 1.0,
        },
        Bound {
            what: "hours of processor time",
            used: usage.cpu_hours,
            included: 4.0,
        },
        Bound {
            what: "GB-hours of memory",
            used: usage.memory_gb_hours,
            included: 360.0,
        },
    ])
}

/// Why Supabase's Free plan does not do.
pub(super) fn beyond_free(usage: &Usage) -> Option<String> {
    exceeded(&[
        Bound {
            what: "GB of database",
            used: usage.database_gb,
            included: 0.5,
        },
        Bound {
            what: "GB of files",
            used: usage.storage_gb,
            included: 1.0,
        },
        Bound {
            what: "GB of egress",
            used: usage.egress_gb,
            included: 5.0,
        },
        Bound {
            what: "active users",
            used: usage.active_users,
            included: 50_000.0,
        },
    ])
}

/// Supabase projects.
pub(super) fn projects(usage: &Usage) -> f64 {
    (usage.active_users / CHANNELS_PER_PROJECT).ceil().max(1.0)
}
