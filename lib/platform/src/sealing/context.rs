//! Which row a sealed value belongs to.

use uuid::Uuid;

/// Where a value is stored and whose it is. It opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionContext {
    /// Table, with its schema.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Row.
    pub row: Uuid,
    /// The user whose secret it is.
    pub owner: Uuid,
}

impl EncryptionContext {
    /// What the row's key is derived with.
    pub(super) fn info(&self) -> String {
        format!("catalyst|{}.{}|{}", self.table, self.column, self.row)
    }

    pub(super) fn associated_data(&self) -> String {
        format!("{}|{}|{}|{}", self.table, self.column, self.row, self.owner)
    }
}
