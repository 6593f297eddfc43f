//! What the database writes into its log, and how much of a running query it shows.

use sqlx::PgConnection;

use super::finding::Finding;

/// Slower queries are to be in the log, in milliseconds.
const SLOW_MS: i64 = 1_000;

/// Tells what is set. A hosted project lets its owner set the first of them only (docs/monitoring.md).
pub(super) async fn check(connection: &mut PgConnection) -> sqlx::Result<Finding> {
    let (slow, statements, query_bytes): (i64, String, i64) = sqlx::query_as(
        "select (select setting::bigint from pg_settings where name = 'log_min_duration_statement'),
           current_setting('log_statement'),
           (select setting::bigint from pg_settings where name = 'track_activity_query_size')",
    )
    .fetch_one(connection)
    .await?;
    Ok(finding(slow, &statements, query_bytes))
}

fn finding(slow: i64, statements: &str, query_bytes: i64) -> Finding {
    let others =
        format!("log_statement is {statements}; {query_bytes} bytes of a running query are shown");
    match slow {
        0..=SLOW_MS => Finding::fine(format!("queries above {slow} ms are logged; {others}")),
        _ => {
            let slow = match slow {
                -1 => "slow queries are not logged".to_owned(),
                slow => format!("only queries above {slow} ms are logged"),
            };
            let cure = "`catalyst postgres-config --apply` has queries above 1 s logged";
            Finding::advice(format!("{slow}; {others}"), cure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::finding;

    #[test]
    fn slow_queries_that_are_not_logged_are_named_with_what_else_is_set() {
        let fine = finding(1000, "ddl", 4096).to_string();
        assert!(fine.starts_with("ok      queries above 1000 ms"), "{fine}");
        for (slow, expected) in [
            (-1, "slow queries are not logged"),
            (2000, "only queries above 2000 ms"),
        ] {
            let advice = finding(slow, "none", 1024).to_string();
            assert!(
                advice.starts_with("advice") && advice.contains(expected),
                "{advice}"
            );
            assert!(
                advice.contains("log_statement is none; 1024 bytes"),
                "{advice}"
            );
        }
    }
}
