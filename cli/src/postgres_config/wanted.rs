//! The settings that are wanted, and why.

/// Where a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Database,
    Role(&'static str),
}

/// One setting, and why.
pub(super) struct Wanted {
    pub(super) scope: Scope,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
    pub(super) why: &'static str,
}

const fn database(name: &'static str, value: &'static str, why: &'static str) -> Wanted {
    Wanted {
        scope: Scope::Database,
        name,
        value,
        why,
    }
}

const fn role(
    role: &'static str,
    name: &'static str,
    value: &'static str,
    why: &'static str,
) -> Wanted {
    Wanted {
        scope: Scope::Role(role),
        name,
        value,
        why,
    }
}

/// What the database and the roles are set to.
pub(super) const WANTED: [Wanted; 10] = [
    database(
        "work_mem",
        "8MB",
        "scores are ranked in memory; a hundred connections use it at once, so not more",
    ),
    database("random_page_cost", "1.1", "the disks have no heads"),
    database(
        "effective_io_concurrency",
        "200",
        "the disks answer many reads at once",
    ),
    database("jit", "off", "compiling costs more than these queries take"),
    database(
        "idle_in_transaction_session_timeout",
        "60s",
        "a forgotten transaction keeps locks and keeps vacuum from its work",
    ),
    database(
        "log_min_duration_statement",
        "2s",
        "the log of slow queries: what the API would call slow",
    ),
    database(
        "track_io_timing",
        "on",
        "tells a slow disk from a slow query in pg_stat_statements",
    ),
    role(
        "authenticator",
        "statement_timeout",
        "8s",
        "what the Data API runs; service_role has no other",
    ),
    role(
        "authenticator",
        "lock_timeout",
        "8s",
        "a request waits no longer for another than it may run",
    ),
    role(
        "authenticated",
        "statement_timeout",
        "8s",
        "a user's own reads",
    ),
];

#[cfg(test)]
mod tests {
    use super::WANTED;

    #[test]
    fn values_need_no_quoting() {
        for wanted in &WANTED {
            let plain = |text: &str| {
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_')
            };
            assert!(plain(wanted.name) && plain(wanted.value), "{}", wanted.name);
        }
    }
}
