//! Reading an archive without a database.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::expect::{begins, ends, same_rows};
use crate::backup::age::Identity;
use crate::backup::archive::{Frame, Reader};
use crate::backup::manifest::Manifest;
use crate::backup::snapshot::RowDigest;
use crate::error::{Error, Result};

/// Opens an archive and walks through all of it, without a database: whether it is whole and genuine, and holds what its
/// manifest says.
///
/// # Errors
///
/// [`BackupError`] when it is not.
pub fn examine(archive: &Path, manifest: &Manifest, identities: &[Identity]) -> Result {
    let file = File::open(archive).map_err(Error::io("cannot read the archive"))?;
    let mut reader = Reader::new(BufReader::new(file), identities)?;
    let contents = &manifest.contents;
    let mut frame = reader.next()?;
    for table in &contents.tables {
        begins(&frame, table)?;
        let mut digest = RowDigest::default();
        frame = loop {
            match reader.next()? {
                Frame::Data(bytes) => digest.update(&bytes),
                other => break other,
            }
        };
        same_rows(digest, table)?;
    }
    Ok(ends(&frame, contents)?)
}
