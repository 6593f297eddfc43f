//! A manifest for tests.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Applied, Archive, Contents, FORMAT, Manifest, Table};
use crate::sha256::checksum;

pub(in crate::backup) fn manifest(at: &str) -> Manifest {
    Manifest {
        contents: Contents {
            format: FORMAT.to_owned(),
            id: Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0),
            taken_at: at.parse().unwrap(),
            server: "15.18".to_owned(),
            schema_version: "20261122000800".to_owned(),
            migrations: vec![Applied {
                version: "20261122000800".to_owned(),
                name: "add_backups".to_owned(),
                sha256: None,
            }],
            schema: BTreeMap::from([("table public.users".to_owned(), "0".to_owned())]),
            jobs: BTreeMap::new(),
            tables: vec![Table {
                schema: "public".to_owned(),
                name: "users".to_owned(),
                columns: vec![("id".to_owned(), "uuid".to_owned())],
                rows: 1,
                bytes: 37,
                sha256: checksum(b"x"),
            }],
            sequences: vec![],
            rows: 1,
        },
        archive: Archive {
            bytes: 5,
            sha256: checksum(b"archi"),
            recipients: vec!["age1…".to_owned()],
        },
    }
}
