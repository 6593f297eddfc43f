//! The mistake that the order of the workflow avoids: every byte leaves before the session is committed, so that a run that is
//! killed in between opens another one. Built only to show that the crash rig sees the second video.

use std::time::{Duration, Instant};

use super::{flow::Flow, work::Work};
use crate::{pipeline::Outcome, rendering::Source};
use clients::youtube::upload::{Outcome as Answer, SessionUri};

impl Flow<'_> {
    pub(super) async fn send_unrecorded(
        &self,
        work: &Work,
        uri: &SessionUri,
        file: &Source,
    ) -> Result<(), Outcome> {
        let failed = || Outcome::retry("unrecorded", "The session did not go well.");
        let token = self.access(work).await?.access().await.token;
        let reading = file.open(0).await.map_err(|_| failed())?;
        let (mut first, total) = (0, file.total());
        while first < total {
            let end = total.min(first + self.piece_bytes());
            let part = reading.part(end - first);
            let deadline = Instant::now() + Duration::from_secs(120);
            let answer = self
                .youtube
                .send_piece(&token, uri, part, first..end, total, deadline)
                .await;
            match answer {
                Answer::Incomplete { next, .. } => first = next,
                Answer::Complete { .. } => break,
                _ => return Err(failed()),
            }
        }
        Ok(())
    }
}
