//! Faults: what each matches and does, and which of a server's hits a call.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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

#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    matched: u64,
    hit: u64,
    rng: fastrand::Rng,
}

impl Armed {
    /// Counts a matching call and tells whether it is hit.
    fn hits(&mut self) -> bool {
        self.matched += 1;
        let fault = &self.fault;
        let times = fault.times.unwrap_or(1);
        let hits = self.matched >= fault.nth.unwrap_or(1)
            && (times == 0 || self.hit < times)
            && fault.chance.is_none_or(|chance| self.rng.f64() < chance);
        self.hit += u64::from(hits);
        hits
    }
}

impl Faults {
    /// Adds a fault and returns its id.
    pub(crate) fn arm(&mut self, mut fault: Fault) -> u64 {
        self.next += 1;
        fault.id = self.next;
        let rng = fastrand::Rng::with_seed(fault.seed.unwrap_or(fault.id));
        self.armed.push(Armed {
            fault,
            matched: 0,
            hit: 0,
            rng,
        });
        self.next
    }

    /// Takes away all faults, or only the one with this id and those of this account.
    pub(crate) fn disarm(&mut self, id: Option<u64>, account: Option<&str>) {
        self.armed.retain(|armed| {
            let wanted = id.is_none_or(|id| armed.fault.id == id)
                && account.is_none_or(|account| armed.fault.account.as_deref() == Some(account));
            !wanted
        });
    }

    /// The first fault that hits this call.
    pub(crate) fn find(
        &mut self,
        head: &Head,
        operations: &[&str],
        caller: &Caller,
        body: &[u8],
    ) -> Option<Fault> {
        let is_met = |armed: &&mut Armed| armed.fault.matches(head, operations, caller, body);
        let mut met = self.armed.iter_mut().filter(is_met);
        met.find_map(|armed| armed.hits().then(|| armed.fault.clone()))
    }

    pub(crate) fn list(&self) -> Value {
        let show = |armed: &Armed| json!({"fault": armed.fault, "matched": armed.matched, "hit": armed.hit});
        self.armed.iter().map(show).collect()
    }
}
