//! The clock that all other flows rely on.

use std::time::Duration;

use crate::support::{Stack, StandIn};

#[tokio::test]
async fn time_moves_in_the_database_and_at_the_stand_ins_alike() {
    let stack = Stack::from_env();
    let before = stack.now().await;
    stack.advance(Duration::from_secs(3 * 3600)).await;
    let after = stack.now().await;
    let hours = |now: jiff::Timestamp| (now.as_second() - before.as_second()) / 3600;
    assert_eq!(hours(after), 3);

    let database: i64 = stack
        .sql("select extract(epoch from private.now())::bigint")
        .parse()
        .expect("seconds");
    assert!(
        (database - after.as_second()).abs() <= 2,
        "the database is at {database}, the clock at {after}"
    );

    let there: jiff::Timestamp = StandIn::Youtube.state("").await["now"]
        .as_str()
        .and_then(|now| now.parse().ok())
        .expect("a time");
    assert!(
        (there.as_second() - after.as_second()).abs() <= 2,
        "the stand-in is at {there}, the clock at {after}"
    );
}
