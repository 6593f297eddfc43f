//! The messages received.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Slack {
    pub(super) messages: Vec<Value>,
}
