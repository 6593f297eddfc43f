//! RevID.
