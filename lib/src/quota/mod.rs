//! YouTube's daily quota: every unit is reserved in the database before the call and settled after it.
//!
//! [`spend`] counts one call. [`Meter`] counts many: it reserves units in chunks, so that not every call asks the database.

mod ledger;
mod meter;

pub(crate) use ledger::{Bucket, QuotaError, Reservation, spend};
pub(crate) use meter::Meter;
