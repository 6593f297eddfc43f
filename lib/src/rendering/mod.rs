//! Renders: paid jobs that turn an approved script into a video file.
//!
//! A request records what is wanted and what it may cost, and counts it; the step [`render.advance`](advance) does the
//! rest. What holds at every moment:
//!
//! * Nothing is sent before the intent to send it is committed. A submit whose answer is missing is
//!   [`State::SubmitUnknown`]: its job is searched for, in the provider's listing and through its callback, and it is never
//!   sent again.
//! * Only the provider's answer to a poll changes a render. A callback makes the poll happen sooner, nothing more.
//! * A render whose outcome is unknown stays counted, and its script cannot be rendered again until a person cancels it.
//! * A failed render is never started again by itself.
//! * A job that was recognised by its time alone may be another's: its video is published after somebody watched it.
//!
//! The file is measured and hashed when the render becomes ready. How long the provider serves it is not documented, so the
//! step [`render.copy`](copy) copies it to our own storage, once, and it is shown and published from there
//! ([`source_of`]). Until then, and where there is no copy, it is read from the provider under the guard of
//! [`clients::download`]; when its address stops working, the provider is asked for a new one, and when it has none, the
//! video has to be rendered again.

pub mod advance;
mod callback;
mod copies;
pub mod copy;
mod list;
mod match_listing;
mod poll_schedule;
mod provider;
mod render;
mod request;
mod script;
mod source;
mod voices;

pub use callback::note_callback;
pub(crate) use copies::remove_copies;
pub use copies::with_preview;
pub use list::{ListQuery, RenderChanges, cancel, get, list, update};
pub(crate) use provider::fetcher;
pub use render::State;
pub use render::{Confirmation, Cost, Render, RenderError, VideoFile};
pub(crate) use request::limits;
pub use request::{Allowance, Quote, RenderEstimate, estimate, quote, request};
pub use script::RenderBody;
pub(crate) use source::{Reading, Source, SourceError, source_of};
pub use voices::{VoicesQuery, voices};
