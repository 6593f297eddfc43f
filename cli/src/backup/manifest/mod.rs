//! What a backup says about itself: of which schema, which tables with how many rows and which hash, and which archive.

mod contents;
mod file;
#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod tests;
mod verified;

pub(super) use self::contents::{Applied, FORMAT, Sequence};
pub(super) use self::file::Archive;
pub use self::{
    contents::{Contents, Table},
    file::Manifest,
    verified::Verified,
};
