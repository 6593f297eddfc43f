//! The product's time, which only `tests/flows` may move.

use std::time::Duration;

use serde_json::json;

use super::{Answer, Stack, until};

impl Stack {
    fn clock_url(&self) -> String {
        format!("{}/_control/clock", self.supabase_url)
    }

    /// The product's time.
    pub(crate) async fn now(&self) -> jiff::Timestamp {
        let answer = Answer::of(self.http.get(self.clock_url())).await.ok();
        answer.time("/now")
    }

    /// Moves the product's time once no step runs: a step sleeps by the clock it saw, so what it decides before a jump and
    /// says after it would be late by the jump.
    pub(crate) async fn advance(&self, by: Duration) {
        until("a pause between steps", Duration::from_secs(90), async || {
            match self
                .sql("select count(*) from private.steps where state = 'running' and lease_until > private.now()")
                .as_str()
            {
                "0" => Ok(()),
                running => Err(format!("{running} steps run")),
            }
        })
        .await;
        self.jump(by).await;
    }

    /// Moves the product's time to this moment, as [`advance`](Self::advance) does; not at all when it has passed.
    pub(crate) async fn advance_to(&self, moment: jiff::Timestamp) {
        let left = moment.duration_since(self.now().await).as_secs();
        if let Ok(seconds @ 1..) = u64::try_from(left) {
            self.advance(Duration::from_secs(seconds)).await;
        }
    }

    /// Moves the product's time over a pause of its own, when no step runs and the next one is due within half a minute.
    pub(super) async fn skip_pause(&self) {
        let pause = self.sql(
            "select ceil(extract(epoch from min(due_at) - private.now()))::integer from private.steps
             where state = 'waiting' and not exists (select from private.steps where state = 'running')",
        );
        if let Ok(seconds @ 1..=30) = pause.parse() {
            self.jump(Duration::from_secs(seconds)).await;
        }
    }

    /// Moves the product's time whatever is going on: past the leases of workers that are dead.
    pub(crate) async fn jump(&self, by: Duration) {
        let step = json!({ "advance_seconds": by.as_secs() });
        let request = self.http.post(self.clock_url()).json(&step);
        Answer::of(request).await.ok();
    }
}
