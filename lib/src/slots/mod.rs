//! When a video may go out: weekly slots in a channel's own time zone, resolved date by date.
//!
//! A slot is a weekday and a local time in an IANA zone, never minutes from UTC: 18:00 in Berlin stays 18:00 when summer
//! time ends. A local time that a change of the clock skips moves forward by the gap; one that it repeats means the first.

mod next_free;
#[cfg(test)]
mod tests;
mod week;
mod zone;

pub(crate) use next_free::{Taken, next_free};
pub(crate) use week::default_week;
pub use week::{IsoWeekday, LocalTime, WeeklySlot};
pub use zone::{SlotTime, Zone};
