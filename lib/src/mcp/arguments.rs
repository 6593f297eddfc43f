//! The arguments of a call, read as strictly as the functions read their requests.

use std::str::FromStr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use platform::endpoint::{BodyInput, Kind, Problem, QueryInput};
use platform::field_errors::invalid;

/// The argument that confirms an offer.
pub(super) const CONFIRMATION: &str = "confirmation";

/// What a call was given.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) tool: &'static str,
    /// All but the confirmation: what an offer is bound to.
    pub(super) given: Map<String, Value>,
    pub(super) confirmation: Option<String>,
    rest: Map<String, Value>,
}

impl Arguments {
    /// Takes the arguments of a tool's call, of one that is confirmed or not. One that is null is one that is not given.
    pub(super) fn new(
        tool: &'static str,
        is_confirmed: bool,
        mut given: Map<String, Value>,
    ) -> Result<Self, Problem> {
        given.retain(|_, value| !value.is_null());
        let mut confirmation = None;
        if is_confirmed {
            confirmation = match given.remove(CONFIRMATION) {
                None => None,
                Some(Value::String(token)) => Some(token),
                Some(_) => return Err(invalid("/confirmation", "must be a text")),
            };
        }
        Ok(Self {
            tool,
            rest: given.clone(),
            given,
            confirmation,
        })
    }

    /// Whether it confirms an offer.
    pub(super) fn is_confirmed(&self) -> bool {
        self.confirmation.is_some()
    }

    /// A part of the path, parsed; none when it is not given.
    pub(super) fn part<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        let Some(value) = self.rest.remove(name) else {
            return Ok(None);
        };
        let part = value.as_str().and_then(|text| text.parse().ok());
        part.map(Some).ok_or_else(|| {
            Problem::new(Kind::InvalidId)
                .detail(format!("{name} is malformed."))
                .pointer(format!("/{name}"), "is malformed")
        })
    }

    /// A part of the path that must be given.
    pub(super) fn required<T: FromStr>(&mut self, name: &str) -> Result<T, Problem> {
        let part = self.part(name)?;
        part.ok_or_else(|| invalid(format!("/{name}"), "must be given"))
    }

    /// Whether a switch is given as true.
    pub(super) fn switch(&mut self, name: &str) -> Result<bool, Problem> {
        match self.rest.remove(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(_) => Err(invalid(format!("/{name}"), "must be true or false")),
        }
    }

    /// What is left, as the query of an operation.
    pub(super) fn query<Q: QueryInput>(self) -> Result<Q, Problem> {
        let pairs = self.rest.into_iter().map(|(name, value)| {
            let text = match value {
                Value::String(text) if !text.contains('\0') => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                _ => {
                    return Err(invalid(
                        format!("/{name}"),
                        "must be one text, number or truth value without U+0000",
                    ));
                }
            };
            Ok((name, text))
        });
        Q::read(&pairs.collect::<Result<Vec<_>, _>>()?)
    }

    /// What is left, as the body of an operation.
    pub(super) fn body<B: BodyInput>(self) -> Result<B, Problem> {
        let json = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
        let body = serde_json::to_vec(&self.rest).map_err(Problem::internal)?;
        B::read(&headers, &Bytes::from(body))
    }
}
