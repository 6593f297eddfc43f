//! A job of the Reporting API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::rfc3339;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReportJob {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) report_type: String,
    pub(super) name: String,
    pub(super) created_at: Timestamp,
}

impl ReportJob {
    pub(super) fn body(&self) -> Value {
        json!({"id": self.id, "reportTypeId": self.report_type, "name": self.name, "createTime": rfc3339(self.created_at)})
    }
}
