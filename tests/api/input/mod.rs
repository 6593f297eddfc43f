//! What every operation of the served document says to input that is wrong, also those that come later: nothing without a
//! token, nothing malformed, nothing that the document does not name.

mod body;
mod headers;
mod operations;
mod path;

use operations::{Case, TAKE_ANYTHING, cases};
