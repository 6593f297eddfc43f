//! `catalyst keys rotate`: what is encrypted in the database is encrypted again under the newest key.
//!
//! Safe while the product works, as long as every running function knows both keys: a value is replaced only if it is
//! still the one that was read, so a token that was refreshed meanwhile wins. Values go from one key to the other in the
//! memory of this process; the database sees ciphertext only.

mod command;
mod rotate;

pub use self::command::{KeysArgs, run};
pub use self::rotate::{Rotation, rotate};
