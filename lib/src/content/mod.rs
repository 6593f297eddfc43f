//! Generated content: from a brief to ideas, titles, a script and a description, each with the channel's own videos that
//! inspired it, in revisions that never change, with what it cost.
//!
//! | module | holds |
//! | --- | --- |
//! | [`kind`], [`request`], [`brief`], [`source`] | what can be asked for, and what it builds on |
//! | [`channel`], [`inspiration`], [`topics`] | what the channel brings: its voice, its best videos, its banned topics |
//! | [`material`], [`prompt`] | what the model is shown, and how strangers' words are kept from being instructions |
//! | [`answer`], [`output`], [`classify`] | what comes back, checked against every limit of YouTube |
//! | [`generate`], [`job`], [`write`], [`billing`], [`failure`] | the flow: check, reserve, write, settle |
//! | [`events`] | the same flow as server-sent events |
//! | [`row`], [`list`], [`change`] | content as the API shows and changes it |

mod answer;
mod banned;
mod billing;
mod brief;
mod change;
mod channel;
mod classify;
pub mod events;
mod failure;
mod generate;
mod inspiration;
mod job;
mod kind;
mod list;
mod material;
mod outcome;
mod output;
mod prompt;
mod request;
mod row;
mod source;
mod topics;
mod warnings;
mod write;

pub(crate) use brief::Brief;
pub use change::{ChangeBody, Decision, archive, change};
pub(crate) use channel::tolerant;
pub use generate::{Begun, begin};
pub use job::{Job, complete};
pub use kind::{ContentKind, Form};
pub use list::{ListQuery, get, list};
pub use output::Output;
pub(crate) use output::{Script, WORDS_PER_MINUTE};
pub use request::{GenerateBody, GenerateRequest};
pub use row::{Content, ContentDetail, Revision, Status};
