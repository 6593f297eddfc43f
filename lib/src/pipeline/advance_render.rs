//! `render.advance`: takes a render one step further.
//!
//! What to do is read from the render's own state, so the step may be run any number of times, by anybody, after any
//! crash:
//!
//! | state | what is done |
//! | --- | --- |
//! | `requested` | commit `submitting`, send once, commit the answer |
//! | `submitting` | whoever sent it is gone: `submit_unknown` |
//! | `submit_unknown` | look for the job: a callback's hint, the listing's marks, the listing's times |
//! | `queued`, `rendering` | ask; measure and hash the file when there is one |
//! | `timed_out_unknown` | ask once more, late, and whenever a callback comes |
//!
//! The writes carry the claim's fence, except for the two that tell what a submit brought: those are facts about the
//! world outside that only the sender knows, and they are accepted by the token that was made for this one submit.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Claim, Outcome, StepCtx, StepError};
use crate::rendering::search::{self, Trace};
use crate::rendering::{self, CallbackToken, Pace, State};
use clients::download::FetchError;
use clients::revid::{
    FailCode, JobState, PollError, ProviderJobId, Revid, SubmitError, VideoRequest,
};
use platform::db::{Db, DbError};
use platform::ids::RenderId;

/// Name of the step.
pub const KIND: &str = "render.advance";

/// Files up to this size are read through and hashed.
const HASH_UP_TO: u64 = 64 * 1024 * 1024;

/// Odd answers in a row after which a job is no longer believed to come to an end.
const ODD_POLLS: i32 = 6;

/// A render as its step sees it.
#[derive(Debug, Deserialize)]
struct Work {
    id: RenderId,
    state: State,
    request: VideoRequest,
    provider_job_id: Option<String>,
    hinted_job_id: Option<String>,
    submitted_at: Option<Timestamp>,
    now: Timestamp,
}

impl Work {
    /// Time since the submit, on the product's clock.
    fn age(&self) -> Duration {
        self.submitted_at
            .and_then(|at| Duration::try_from(self.now.duration_since(at)).ok())
            .unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Go {
    go: bool,
    wait_seconds: f64,
}

#[derive(Deserialize)]
struct Candidates {
    taken: HashSet<String>,
    rivals: Vec<Timestamp>,
}

struct Advance<'a> {
    ctx: &'a StepCtx,
    claim: &'a Claim,
    engine: Db,
    revid: Revid,
    pace: Pace,
}

/// Runs the step.
pub async fn run(ctx: &StepCtx, claim: &Claim) -> Outcome {
    let Ok(revid) = rendering::provider(ctx.config()) else {
        return Outcome::Snooze {
            after: Duration::from_secs(600),
            reason: "no_provider_key",
        };
    };
    let advance = Advance {
        ctx,
        claim,
        engine: ctx.engine(),
        revid,
        pace: Pace::of(ctx.config()),
    };
    match advance.once().await {
        Ok(outcome) => outcome,
        // The claim was taken over; whoever has it goes on.
        Err(error) if error.is_refusal("stale_fence") => Outcome::Done,
        Err(error) => Outcome::Retry {
            after: None,
            error: StepError::new("database", error.to_string()),
        },
    }
}

impl Advance<'_> {
    async fn once(&self) -> Result<Outcome, DbError> {
        let work: Option<Work> = self.fenced("open_render", json!({})).await?;
        let Some(work) = work else {
            return Ok(Outcome::Done);
        };
        match work.state {
            State::Requested => self.submit(work).await,
            State::Submitting => self.doubt("interrupted").await,
            State::SubmitUnknown => self.search(work).await,
            State::Queued | State::Rendering | State::TimedOutUnknown => self.poll(work).await,
            State::Ready | State::Failed | State::Cancelled => Ok(Outcome::Done),
        }
    }

    /// Calls a function that writes under this claim.
    async fn fenced<T: serde::de::DeserializeOwned + Send>(
        &self,
        function: &str,
        mut arguments: Value,
    ) -> Result<T, DbError> {
        arguments["p_render"] = json!(self.claim.subject_id);
        self.ctx.fenced(self.claim, function, arguments).await
    }

    /// As [`Advance::fenced`], for what must not be lost: tried again while there is time.
    async fn insist(&self, function: &str, more: Value) -> Result<bool, DbError> {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.fenced(function, more.clone()).await {
                Err(error) if error.is_transient() && self.ctx.time_left() > wait => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                other => return other,
            }
        }
    }

    // ------------------------------------------------------------------------------------------------- submit --

    async fn submit(&self, work: Work) -> Result<Outcome, DbError> {
        let Ok(token) = CallbackToken::new() else {
            return Ok(retry("no_randomness", "The system gave no random bytes."));
        };
        let hash = token.hash();
        // A knock at the door: a service that cannot be reached is found out before anything is committed, and the
        // connection stands when it is, so that little can happen between the commit and the submit.
        let knock = self
            .revid
            .estimate(&work.request, Instant::now() + Duration::from_secs(5));
        if let Err(PollError::Unavailable(why)) = knock.await
            && why == "not_sent"
        {
            return Ok(retry(
                "provider_unreachable",
                "The render service cannot be reached.",
            ));
        }
        // Counted from before the commit: a process that sleeps in between wakes up too late to send.
        let send_until = Instant::now() + self.pace.send_within;
        let begun: Go = self
            .fenced(
                "begin_render_submit",
                json!({
                    "p_callback_hash": hash,
                    "p_gap_seconds": self.pace.submit_gap.as_secs_f64(),
                    "p_in_flight": self.pace.in_flight,
                }),
            )
            .await?;
        if !begun.go {
            return Ok(Outcome::Snooze {
                after: Duration::try_from_secs_f64(begun.wait_seconds).unwrap_or_default(),
                reason: "other_renders_first",
            });
        }
        let callback = token.address(&self.ctx.config().app.url, work.id);
        match self
            .revid
            .submit(&work.request, &callback, send_until)
            .await
        {
            Ok(submitted) => {
                self.insist(
                    "record_render_job",
                    json!({ "p_callback_hash": hash, "p_job_id": submitted.id }),
                )
                .await?;
                Ok(Outcome::Continue {
                    after: self.pace.first_poll,
                    reason: "submitted",
                })
            }
            Err(SubmitError::NotSent(why)) => {
                self.insist("return_render", json!({ "p_callback_hash": hash }))
                    .await?;
                Ok(retry(
                    "provider_unreachable",
                    &format!("The submit could not be sent ({why})."),
                ))
            }
            Err(SubmitError::RateLimited(after)) => {
                self.insist("return_render", json!({ "p_callback_hash": hash }))
                    .await?;
                Ok(Outcome::Snooze {
                    after: after
                        .unwrap_or_default()
                        .clamp(self.pace.early, Duration::from_secs(600)),
                    reason: "provider_asks_to_wait",
                })
            }
            Err(SubmitError::Unknown(why)) => self.doubt(&why).await,
            Err(SubmitError::OutOfCredit(text)) => {
                self.fail(FailCode::InsufficientCredits, &text, false, None)
                    .await
            }
            Err(SubmitError::Auth(text)) => {
                self.fail(FailCode::KeyRefused, &text, false, None).await
            }
            Err(SubmitError::Rejected { code, message }) => {
                self.fail(code, &message, false, None).await
            }
        }
    }

    /// The submit may or may not have arrived.
    async fn doubt(&self, why: &str) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, why, "a submit's outcome is unknown");
        let error = error(
            "submit_unknown",
            "It is not known yet whether the render service took the job. We are looking for it; nothing is sent twice.",
        );
        self.insist("doubt_render", json!({ "p_error": error }))
            .await?;
        Ok(Outcome::Continue {
            after: self.pace.search,
            reason: "looking_for_the_job",
        })
    }

    // ------------------------------------------------------------------------------------------------- search --

    async fn search(&self, work: Work) -> Result<Outcome, DbError> {
        let age = work.age();
        let deadline = Instant::now() + self.ctx.time_left().min(Duration::from_secs(10));
        let wait = Ok(Outcome::Snooze {
            after: self.pace.next_search(age),
            reason: "looking_for_the_job",
        });

        // A callback came to an address that only the provider knows: the job exists. Which one it is, it must confirm.
        if let Some(hint) = work.hinted_job_id.as_deref().and_then(ProviderJobId::new)
            && self.revid.poll(&hint, deadline).await.is_ok()
            && self.adopt(&hint, "callback").await?
        {
            return Ok(again("found_by_callback"));
        }

        let listing = match self.revid.recent(self.pace.listed, deadline).await {
            Ok(listing) => listing,
            Err(error) => {
                tracing::warn!(error = %error, "the provider's listing could not be read");
                return if age >= self.pace.search_ends {
                    Ok(Outcome::Done)
                } else {
                    wait
                };
            }
        };
        let ids: Vec<_> = listing.iter().map(|project| project.id.as_str()).collect();
        let arguments = json!({ "p_render": work.id, "p_job_ids": ids });
        let candidates: Candidates = self.engine.call("render_candidates", &arguments).await?;
        let submitted_at = work.submitted_at.unwrap_or(work.now);
        match search::find(
            &listing,
            work.id,
            submitted_at,
            &candidates.taken,
            &candidates.rivals,
        ) {
            Trace::Marked(job) => {
                if self.adopt(&job, "listing").await? {
                    return Ok(again("found_in_listing"));
                }
            }
            Trace::ByTime(job) if age >= self.pace.match_by_time => {
                if self.adopt(&job, "listing_time").await? {
                    return Ok(again("found_by_time"));
                }
            }
            Trace::Absent if age >= self.pace.never_arrived => {
                let error = error(
                    "submit_lost",
                    "The render service never got the job. Nothing was charged and your allowance is free again. Render again.",
                );
                let gone: bool = self
                    .fenced(
                        "fail_render",
                        json!({ "p_error": error, "p_charged": false, "p_credits": null, "p_alert": false }),
                    )
                    .await?;
                tracing::info!(render.id = %work.id, gone, "a submit never arrived");
                return Ok(Outcome::Done);
            }
            Trace::ByTime(_) | Trace::Absent | Trace::Unclear => {}
        }
        if age >= self.pace.search_ends {
            // From here on only a late callback or a person moves it.
            return Ok(Outcome::Done);
        }
        wait
    }

    async fn adopt(&self, job: &ProviderJobId, found_by: &str) -> Result<bool, DbError> {
        let adopted: bool = self
            .fenced(
                "adopt_render_job",
                json!({ "p_job_id": job, "p_found_by": found_by }),
            )
            .await?;
        if adopted {
            tracing::info!(render.id = %self.claim.subject_id, found_by, "a lost submit was found again");
        }
        Ok(adopted)
    }

    // --------------------------------------------------------------------------------------------------- poll --

    async fn poll(&self, work: Work) -> Result<Outcome, DbError> {
        let age = work.age();
        let Some(job) = work.provider_job_id.as_deref().and_then(ProviderJobId::new) else {
            return Ok(Outcome::Discard {
                error: StepError::new("no_job", "The render has no job at the provider."),
            });
        };
        let deadline = Instant::now() + self.ctx.time_left().min(Duration::from_secs(10));
        match self.revid.poll(&job, deadline).await {
            Ok(JobState::Queued) => {
                self.keep_going(&work, age, false, None, false, "queued")
                    .await
            }
            Ok(JobState::Running {
                progress,
                without_file,
            }) => {
                let reason = if without_file {
                    "ready_without_file"
                } else {
                    "rendering"
                };
                self.keep_going(&work, age, true, progress, without_file, reason)
                    .await
            }
            Ok(JobState::Succeeded {
                file,
                thumbnail,
                seconds,
                credits,
            }) => {
                self.collect(&work, age, &file, thumbnail, seconds, credits)
                    .await
            }
            Ok(JobState::Failed {
                code,
                message,
                credits,
            }) => {
                // What was refused before work began cost nothing; everything else may have.
                let charged = !code.concerns_operator();
                self.fail(code, &message, charged, credits).await
            }
            Err(PollError::NotFound) if age < self.pace.settle => {
                self.wait_or_time_out(&work, age, self.pace.next_poll(age), "not_known_yet")
                    .await
            }
            Err(PollError::NotFound) => {
                self.keep_going(&work, age, false, None, true, "job_not_known")
                    .await
            }
            Err(PollError::RateLimited(after)) => {
                let after = after
                    .unwrap_or_default()
                    .clamp(self.pace.late, Duration::from_secs(300));
                self.wait_or_time_out(&work, age, after, "provider_asks_to_wait")
                    .await
            }
            Err(error) => {
                tracing::warn!(error = %error, "a poll failed");
                self.wait_or_time_out(
                    &work,
                    age,
                    2 * self.pace.next_poll(age),
                    "provider_unavailable",
                )
                .await
            }
        }
    }

    /// The job is not over.
    async fn keep_going(
        &self,
        work: &Work,
        age: Duration,
        running: bool,
        progress: Option<u8>,
        odd: bool,
        reason: &'static str,
    ) -> Result<Outcome, DbError> {
        let odd_polls: i32 = self
            .fenced(
                "record_render_poll",
                json!({ "p_running": running, "p_progress": progress, "p_odd": odd }),
            )
            .await?;
        if odd_polls >= ODD_POLLS && work.state != State::TimedOutUnknown {
            return self.time_out(age, reason).await;
        }
        self.wait_or_time_out(work, age, self.pace.next_poll(age), reason)
            .await
    }

    async fn wait_or_time_out(
        &self,
        work: &Work,
        age: Duration,
        after: Duration,
        reason: &'static str,
    ) -> Result<Outcome, DbError> {
        if work.state == State::TimedOutUnknown {
            return Ok(match self.pace.last_look.checked_sub(age) {
                Some(left) if !left.is_zero() => Outcome::Snooze {
                    after: left,
                    reason: "last_look",
                },
                // That was it. A late callback still wakes this step.
                _ => Outcome::Done,
            });
        }
        if age >= self.pace.time_out {
            return self.time_out(age, reason).await;
        }
        Ok(Outcome::Snooze { after, reason })
    }

    async fn time_out(&self, age: Duration, reason: &str) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, reason, "a render timed out");
        let error = error(
            "timed_out_unknown",
            "The render takes longer than any should. It may still finish and is looked at once more; cancel it before you ask for another.",
        );
        self.fenced::<bool>("time_out_render", json!({ "p_error": error }))
            .await?;
        Ok(Outcome::Continue {
            after: self.pace.last_look.saturating_sub(age),
            reason: "last_look",
        })
    }

    // ---------------------------------------------------------------------------------------------------- end --

    /// The provider says that the video is there: looks whether it is one.
    async fn collect(
        &self,
        work: &Work,
        age: Duration,
        address: &str,
        thumbnail: Option<String>,
        seconds: Option<f64>,
        credits: Option<u32>,
    ) -> Result<Outcome, DbError> {
        let looked = match rendering::fetcher(self.ctx.config()) {
            Ok(fetcher) => match fetcher.check(address) {
                Ok(url) => {
                    let limit = self.ctx.time_left().min(Duration::from_secs(12));
                    let read_through =
                        tokio::time::timeout(limit, fetcher.inspect(&url, HASH_UP_TO)).await;
                    match read_through {
                        Ok(facts) => facts.map(|facts| (url, facts)),
                        // Too slow to be read through: its size will do.
                        Err(_) => fetcher.inspect(&url, 0).await.map(|facts| (url, facts)),
                    }
                }
                Err(forbidden) => Err(FetchError::Forbidden(forbidden)),
            },
            Err(error) => return Ok(retry("http_client", &error.to_string())),
        };
        match looked {
            Ok((url, facts)) => {
                let thumbnail = thumbnail.filter(|address| {
                    rendering::fetcher(self.ctx.config())
                        .is_ok_and(|fetcher| fetcher.check(address).is_ok())
                });
                let file = json!({
                    "url": url.as_str(),
                    "etag": facts.etag,
                    "bytes": facts.bytes,
                    "content_type": facts.content_type,
                    "sha256": facts.sha256,
                    "duration_seconds": seconds,
                    "thumbnail_url": thumbnail,
                });
                let finished: bool = self
                    .fenced(
                        "finish_render",
                        json!({ "p_file": file, "p_credits": credits }),
                    )
                    .await?;
                tracing::info!(render.id = %work.id, finished, "a render is ready");
                Ok(Outcome::Done)
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(error = %error, "a finished file could not be looked at");
                self.wait_or_time_out(work, age, self.pace.early, "file_unavailable")
                    .await
            }
            Err(error) => {
                tracing::warn!(error = %error, "a finished file is not acceptable");
                let odd_polls: i32 = self
                    .fenced(
                        "record_render_poll",
                        json!({ "p_running": true, "p_progress": 100, "p_odd": true }),
                    )
                    .await?;
                // It may only not be there yet. Then again, it may never be.
                if odd_polls >= ODD_POLLS || work.state == State::TimedOutUnknown {
                    let error = self::error(
                        "file_unusable",
                        &format!(
                            "The render service says that the video is ready, but {error}. Render again; what this one cost stays counted."
                        ),
                    );
                    self.fenced::<bool>(
                        "fail_render",
                        json!({ "p_error": error, "p_charged": true, "p_credits": credits, "p_alert": false }),
                    )
                    .await?;
                    return Ok(Outcome::Done);
                }
                self.wait_or_time_out(work, age, self.pace.early, "file_not_acceptable")
                    .await
            }
        }
    }

    async fn fail(
        &self,
        code: FailCode,
        provider_says: &str,
        charged: bool,
        credits: Option<u32>,
    ) -> Result<Outcome, DbError> {
        tracing::warn!(render.id = %self.claim.subject_id, code = code.slug(), provider_says, "a render failed");
        let failed: bool = self
            .fenced(
                "fail_render",
                json!({
                    "p_error": error(code.slug(), code.advice()),
                    "p_charged": charged,
                    "p_credits": credits,
                    "p_alert": code.concerns_operator(),
                }),
            )
            .await?;
        tracing::debug!(failed, "recorded");
        Ok(Outcome::Done)
    }
}

/// The error of a render, as it is stored and shown.
#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    message: &'a str,
}

fn error(code: &str, message: &str) -> Value {
    json!(Shown { code, message })
}

fn again(reason: &'static str) -> Outcome {
    Outcome::Continue {
        after: Duration::ZERO,
        reason,
    }
}

fn retry(code: &str, message: &str) -> Outcome {
    Outcome::Retry {
        after: None,
        error: StepError::new(code, message),
    }
}
