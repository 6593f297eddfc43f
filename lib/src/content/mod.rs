//! Generated content: from a brief to ideas, titles, a script and a description, each with the channel's own videos that
//! inspired it, in revisions that never change, with what it cost.
//!
//! | module | holds |
//! | --- | --- |
//! | [`request`], [`brief`], [`source`] | what can be asked for, and what it builds on |
//! | [`inspiration`], [`topics`] | what the channel brings: its best videos, its banned topics |
//! | [`material`], [`prompt`] | what the model is shown, and how strangers' words are kept from being instructions |
//! | [`answer`], [`output`], [`classify`], [`warning`] | what comes back, checked against every limit of YouTube |
//! | [`generate`], [`job`], [`billing`], [`failure`], [`respond`], [`event`] | the flow: check, reserve, write, settle, answer |
//! | [`row`], [`summary`], [`list`], [`change`], [`diff`] | content as the API shows, changes and compares it |

mod answer;
mod billing;
mod brief;
mod change;
mod classify;
mod diff;
mod event;
mod failure;
mod generate;
mod inspiration;
mod job;
mod list;
mod material;
mod output;
mod prompt;
mod request;
mod respond;
mod row;
mod source;
mod summary;
mod topics;
mod warning;

pub use brief::Brief;
pub use change::{ContentChanges, Decision, archive, update};
pub use diff::{ContentDiff, DiffQuery, diff};
pub use event::{GenerateEvent, Stage};
pub use generate::{Quote, begin, quote};
pub use job::Job;
pub use list::{ListQuery, get, list};
pub(crate) use material::tolerant;
pub use output::Output;
pub(crate) use output::{Script, WORDS_PER_MINUTE};
pub use request::{ContentKind, Form, GenerateBody, GenerateRequest};
pub use respond::{Begun, complete, stream};
pub use row::{Content, ContentDetail, Revision, State};
pub use summary::ContentSummary;
pub use warning::{TitleSource, Warning};
