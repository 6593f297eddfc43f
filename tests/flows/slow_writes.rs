//! Writes of many rows on a database that is too slow for them: a statement of the Data API ends after eight seconds.

use serde_json::json;

use crate::support::{Account, Creator, OnDrop, StandIn};

/// A statement that writes more rows than `at_once` into `table` takes too long: really, or as the database would say it.
fn slow_down(creator: &Creator, table: &str, at_once: u32, too_long: &str) -> OnDrop {
    let slow = format!(
        "create function private.slow_{table}() returns trigger language plpgsql as $$ begin
           if (select count(*) from written) > {at_once} then {too_long}; end if;
           return null;
         end $$;
         create trigger slow after insert on public.{table} referencing new table as written
           for each statement execute function private.slow_{table}()"
    );
    let back = format!("drop function private.slow_{table} cascade");
    creator.stack.changed(&slow, back)
}

#[tokio::test]
async fn case_s15_a_write_that_is_cut_after_eight_seconds_goes_on_with_half_of_its_rows() {
    let cut =
        "raise exception 'canceling statement due to statement timeout' using errcode = '57014'";
    let creator = Creator::new().await;
    let _videos = slow_down(&creator, "videos", 150, "perform pg_sleep(30)");
    let _snapshots = slow_down(&creator, "video_snapshots", 150, cut);
    let _scores = slow_down(&creator, "performance_scores", 150, cut);
    let account = Account::with_videos(260).await;
    let account = creator.user.connect(account).await;
    let id = account.channel();
    creator.synced(id, &["idle"]).await;
    let scores =
        format!("select count(*) from public.performance_scores where channel_id = '{id}'");
    creator.stack.until_sql("every score", &scores, "260").await;

    let past = format!(
        "select count(distinct video_id) > 150 from public.video_snapshots where channel_id = '{id}' and basis = 'engaged_views'"
    );
    assert_eq!(creator.stack.sql(&past), "t");
    let pages = account.calls(StandIn::Youtube, "playlistItems.list").await;
    assert_eq!(pages.len(), 6, "what was read is not read again");
    let failed = format!(
        "select coalesce(json_agg(json_build_array(kind, attempts, last_error)), '[]')
         from private.steps where channel_id = '{id}' and (attempts > 1 or last_error is not null)"
    );
    assert_eq!(creator.stack.sql(&failed), json!([]).to_string());
}
