//! `catalyst backup`: backups that are shown to be good.
//!
//! A backup is the rows of every table in one snapshot, as `COPY` writes them, compressed, encrypted for a recipient's key,
//! with a manifest of rows and hashes. The schema is not in it: the migrations are, by name and checksum, and a restore
//! applies them. So one transaction holds the whole of a restore, no client program has to match the server's version, and
//! what the product's schema is never depends on what an old dump says it was.

mod age;
mod archive;
mod args;
mod command;
mod create;
mod erasures;
pub(crate) mod error;
mod manifest;
mod records;
mod restore;
mod retention;
mod signature;
mod snapshot;
mod store;
mod verify;

pub use self::age::{Identity, Recipient};
pub use self::args::{BackupArgs, Trusted};
pub use self::command::{identities, run};
pub use self::create::create;
pub use self::erasures::put_aside;
pub use self::error::BackupError;
pub use self::manifest::{Contents, Manifest, Table, Verified};
pub use self::restore::{End, Plan, Restored, examine, restore};
pub use self::retention::{Item, expired};
pub use self::signature::{PublicKey, SigningKey, Trust};
pub use self::store::{Entry, Store, items};
pub use self::verify::{Scratch, verify};
