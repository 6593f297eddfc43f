//! The calls made at one server, without secrets.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Caller, Head};

#[derive(Debug, Default)]
pub(crate) struct CallLog(Vec<CallRecord>);

/// One line of `GET /_control/calls`.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct CallRecord {
    n: u64,
    pub(crate) at: String,
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    query: Map<String, Value>,
    operation: String,
    /// Other names of the operation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    /// Absent when the connection was cut.
    pub(crate) status: Option<u16>,
    /// The id of the fault that hit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<u64>,
}

/// Query parameters that are never kept.
const SECRET_PARAMS: &str =
    "key access_token upload_id token code state code_challenge client_secret refresh_token";

impl CallRecord {
    pub(crate) fn new(
        head: &Head,
        operations: &[&str],
        caller: Caller,
        fault: Option<u64>,
    ) -> Self {
        let keep = |(key, value): &(String, String)| {
            let is_secret = SECRET_PARAMS.split(' ').any(|secret| secret == key);
            let text = if is_secret { "(not kept)" } else { value };
            (key.clone(), json!(text))
        };
        let mut names = operations.iter().map(|name| (*name).to_owned());
        Self {
            method: head.method.to_string(),
            path: head.path.clone(),
            query: head.query.iter().map(keep).collect(),
            operation: names.next().unwrap_or_else(|| "unknown".to_owned()),
            also: names.collect(),
            account: caller.account,
            channel: caller.channel,
            fault,
            ..Self::default()
        }
    }

    fn is_wanted(&self, head: &Head) -> bool {
        let is_named = |name| self.operation == name || self.also.iter().any(|also| also == name);
        self.n > head.number("since").unwrap_or(0)
            && head.allows("account", self.account.as_deref())
            && head.allows("channel", self.channel.as_deref())
            && head.param("operation").is_none_or(is_named)
    }
}

impl CallLog {
    pub(crate) fn push(&mut self, mut record: CallRecord) {
        record.n = self.0.len() as u64 + 1;
        self.0.push(record);
    }

    /// The calls that the parameters of a request ask for.
    pub(crate) fn list(&self, head: &Head) -> Value {
        let calls: Vec<&CallRecord> = self.0.iter().filter(|call| call.is_wanted(head)).collect();
        json!({"count": calls.len(), "calls": calls})
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
