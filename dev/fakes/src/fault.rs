//! One fault: what it matches and what it does.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Call, Caller, Failure, FaultEffect, Head, contains, glob, with_header};

/// Something that goes wrong, or differently, for the calls that it matches. See the crate's documentation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fault {
    /// Given by the server.
    pub(crate) id: u64,
    /// A named operation; one that ends in `*` names all that begin so.
    pub(crate) operation: Option<String>,
    /// An HTTP method.
    pub(crate) method: Option<String>,
    /// A path in which `*` stands for anything.
    pub(crate) path: Option<String>,
    /// Only calls made with a token of this account.
    pub(crate) account: Option<String>,
    /// Only calls made with a token for this channel.
    pub(crate) channel: Option<String>,
    /// Only calls whose body holds this text.
    pub(crate) body_contains: Option<String>,
    /// The first matching call to hit, counted from 1.
    pub(crate) nth: Option<u64>,
    /// How many matching calls to hit; 1 unless told, 0 for no end.
    pub(crate) times: Option<u64>,
    /// Hit a matching call with this probability only.
    pub(crate) chance: Option<f64>,
    /// The seed of `chance`.
    pub(crate) seed: Option<u64>,
    /// Whether the call has its effect (`after`) or not (`before`).
    pub(crate) when: When,
    /// Answer with this status.
    pub(crate) status: Option<u16>,
    /// Answer with this body: text as it is, anything else as JSON.
    pub(crate) body: Option<Value>,
    /// Answer with one of the service's own errors, by name.
    pub(crate) error: Option<String>,
    /// Add these headers.
    pub(crate) headers: BTreeMap<String, String>,
    /// Wait this long first.
    pub(crate) delay_ms: u64,
    /// Cut the connection instead of answering.
    pub(crate) cut: bool,
    /// Uploads: read this many bytes of the body before failing.
    pub(crate) after_bytes: Option<u64>,
    /// A different answer that the stand-in knows how to make.
    pub(crate) answer: Option<Value>,
}

/// Whether a fault hits before or after the call has had its effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// Nothing happens but the failure.
    #[default]
    Before,
    /// The effect happens; only its answer is lost.
    After,
}

impl Fault {
    pub(crate) fn matches(
        &self,
        head: &Head,
        operations: &[&str],
        caller: &Caller,
        body: &[u8],
    ) -> bool {
        let (method, path) = head.route();
        let holds = |wanted: &Option<String>, is_met: &dyn Fn(&str) -> bool| {
            wanted.as_deref().is_none_or(is_met)
        };
        holds(&self.operation, &|name| {
            operations.iter().any(|operation| glob(name, operation))
        }) && holds(&self.method, &|wanted| method.eq_ignore_ascii_case(wanted))
            && holds(&self.path, &|pattern| glob(pattern, path))
            && holds(&self.account, &|_| self.account == caller.account)
            && holds(&self.channel, &|_| self.channel == caller.channel)
            && holds(&self.body_contains, &|text| contains(body, text.as_bytes()))
    }

    /// Whether the caller gets a failure instead of a response of the stand-in.
    pub(crate) fn fails(&self) -> bool {
        self.cut || self.status.is_some() || self.error.is_some() || self.body.is_some()
    }

    /// Whether the stand-in itself carries it out.
    pub(crate) fn is_inside(&self) -> bool {
        self.answer.is_some() || self.after_bytes.is_some()
    }

    pub(crate) fn give_effect(&self, call: &mut Call) {
        call.effect = FaultEffect {
            answer: self.answer.clone(),
            after_bytes: self.after_bytes,
            late: self.delay_ms > 0,
        };
    }

    /// The failing response, on the ground of the service's own error of the fault's name and the one that goes with a status.
    pub(crate) fn failure(
        &self,
        named: impl Fn(&str) -> Option<Failure>,
        plain: impl Fn(u16) -> Value,
    ) -> Response {
        let named = self.error.as_deref().and_then(named);
        let (by_name, body) = named.map(|named| (named.status, named.body)).unzip();
        let status = self.status.or(by_name).unwrap_or(500);
        let body = self.body.clone().or(body).unwrap_or_else(|| plain(status));
        self.with_headers(Failure::new(status, body).into_response())
    }

    pub(crate) fn with_headers(&self, response: Response) -> Response {
        let add = |response, (name, value): (&String, &String)| with_header(response, name, value);
        self.headers.iter().fold(response, add)
    }
}
