//! What a database holds, read in one snapshot: which tables, how many rows, and the hash of each.

mod rows;
mod schema;
mod sequences;
mod session;
mod tables;

pub(super) use self::{
    rows::{RowDigest, columns, qualified_name, read},
    schema::{BY_VERSION, jobs, migrations, schema},
    sequences::sequences,
    session::{failed, normalize_output},
    tables::tables,
};
