//! Publishing: a finished render goes to YouTube ahead of its time, exactly once, and YouTube publishes it.
//!
//! ```text
//! scheduled ─→ preparing ─→ uploading ─→ processing ─→ on_youtube ─→ published
//!     ↑            │            │ session gone  ↑
//!     └────────────┘            └→ outcome_unknown (left only by a search of the channel)
//! any of these ─→ needs_attention(reason) ─→ back to where its own facts put it;  cancelled, failed
//! ```
//!
//! What keeps an upload single, whatever is killed, stalls or answers twice:
//!
//! * Turn and quota are taken in one transaction (`engine.prepare_upload`); one upload at a time for each channel.
//! * The session's address is committed, encrypted, before its first byte (`engine.record_upload_session`). Without a
//!   last byte a session never becomes a video, so a session that was not recorded is simply forgotten.
//! * After an ambiguous answer the session is asked before a byte is sent, and the next offset comes from its answer alone.
//! * A session that answers 404 or 410 may have completed before it went: the state is then `outcome_unknown`, and
//!   `workflow/reconcile.rs` decides from the channel's own uploads, by [`metadata::marker`], or by size, title and time when
//!   somebody took the marker off. One match is adopted; none leads to a new session; several are for a person.
//! * A session is given up (moved, cancelled) only when it is incomplete and no piece of a stalled run can still arrive.
//! * Every write carries the claim's fence.
//!
//! The video is private with `status.publishAt` from its first byte, so our outage at the slot does no harm; afterwards it
//! is checked that it went public, and a video that YouTube forgot is published by us. `reason.rs` says for each
//! state what happened and what the user can do; `engine.*` functions are the only writers.

mod categories;
pub mod feed;
mod free_slots;
mod icalendar;
mod list;
pub(crate) mod metadata;
mod publish_time;
mod schedule;
mod state;
pub(crate) mod thumbnail;
mod upload;
pub(crate) mod workflow;

pub use categories::{CategoriesQuery, Category, categories};
pub use free_slots::{FreeSlot, SlotsQuery, free_slots};
pub use list::{ListQuery, get, list};
pub use metadata::title_key;
pub use schedule::{Plan, ScheduleBody, UploadChanges, cancel, plan, schedule, update};
pub use state::UploadState;
pub use upload::Upload;
