//! Our own copies of rendered files, while processes die that make them.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use crate::support::{Answer, PATIENCE, SeededChannel, StandIn, until};

/// Two pieces and a rest.
const BYTES: usize = 17 * 1024 * 1024 + 5;

/// Asks for a render of a large file.
async fn asked(seeded: &SeededChannel) -> Answer {
    let script = seeded
        .seeded_script_with(json!({ "file_bytes": BYTES }))
        .await;
    seeded.request_render(&script).await.status(202)
}

/// Whoever was at it is dead: the next one makes one whole copy of what was rendered.
async fn is_copied_by_the_next(seeded: &SeededChannel, render: &str) {
    let stack = &seeded.stack;
    let copied = format!(
        "select copied_at is not null from private.render_jobs where render_id = '{render}'"
    );
    assert_eq!(stack.sql(&copied), "f", "it was killed too late");
    // The lease of the dead worker ends.
    stack.jump(Duration::from_secs(90)).await;
    stack.until_sql("the copy", &copied, "t").await;
    let kept = format!("select count(*) from storage.objects where name like '%{render}%'");
    assert_eq!(stack.sql(&kept), "1");
    let shown = seeded.user.api.get(&format!("/api/video/{render}")).await;
    let copy = stack.fetch(&shown.text("/file/preview_url")).await;
    let copy = copy.bytes().await.expect("the copy");
    assert_eq!(copy.len(), BYTES);
    let sha256 = digest(&SHA256, &copy);
    let sha256: String = sha256
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(sha256, shown.text("/file/sha256"));
}

#[tokio::test]
async fn killed_while_it_reads_a_file_it_leaves_no_half_of_a_copy() {
    let seeded = SeededChannel::new().await;
    let slow = json!({ "operation": "file.download", "delay_ms": 2500, "times": 0 });
    let slow = StandIn::Revid.fault_until_dropped(&slow).await;
    let render = asked(&seeded).await.id();
    seeded.follow_render(&render, &["ready"]).await;
    let copying = format!(
        "select state from private.steps where kind = 'render.copy' and subject_id = '{render}'"
    );
    seeded
        .stack
        .until_sql("a copy under way", &copying, "running")
        .await;
    let none = format!("select count(*) from storage.objects where name like '%{render}%'");
    assert_eq!(seeded.stack.sql(&none), "0");
    assert_eq!(seeded.stack.kill_dispatchers(), 1);
    drop(slow);
    is_copied_by_the_next(&seeded, &render).await;
}

#[tokio::test]
async fn killed_while_storage_keeps_a_copy_it_makes_no_second_one() {
    let seeded = SeededChannel::new().await;
    // Storage has every byte, and cannot write down that it has.
    let full = seeded
        .stack
        .begin("lock table storage.objects in share row exclusive mode")
        .await;
    let render = asked(&seeded).await.id();
    seeded.follow_render(&render, &["ready"]).await;
    let waiting = "select count(*) from pg_stat_activity
         where wait_event_type = 'Lock' and query like 'insert into storage.objects%'";
    until("a copy that waits to be kept", PATIENCE, async || {
        seeded.stack.dispatch().await;
        match seeded.stack.count(waiting) {
            0 => Err("none".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    assert_eq!(seeded.stack.kill_dispatchers(), 1);
    full.release();
    is_copied_by_the_next(&seeded, &render).await;
}
