//! Why a call was refused, and what a person can do about it.

use serde_json::Value;

use super::report::Report;
use crate::Error;

/// What every refusal ends with.
const AGAIN: &str = "The same command then continues where this run stopped.";

/// Whose API it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Supabase,
    Vercel,
}

impl Service {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Supabase => "Supabase",
            Self::Vercel => "Vercel",
        }
    }

    /// The variable with its token, and where one is made.
    pub(super) const fn token(self) -> (&'static str, &'static str) {
        match self {
            Self::Supabase => (
                "SUPABASE_ACCESS_TOKEN",
                "https://supabase.com/dashboard/account/tokens",
            ),
            Self::Vercel => ("VERCEL_TOKEN", "https://vercel.com/account/settings/tokens"),
        }
    }
}

/// A call that had no good answer.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) service: Service,
    /// None when there was no answer at all.
    pub(super) status: Option<u16>,
    pub(super) body: Value,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn answered(service: Service, status: u16, body: Value) -> Self {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let message = text("/error/message")
            .or_else(|| text("/message"))
            .or_else(|| text("/error"));
        let message = message.unwrap_or("no reason given").to_owned();
        Self {
            service,
            status: Some(status),
            body,
            message,
        }
    }

    pub(super) fn unanswered(service: Service, error: &reqwest::Error) -> Self {
        Self {
            service,
            status: None,
            body: Value::Null,
            message: error.to_string(),
        }
    }

    /// Vercel's word for it.
    pub(super) fn code(&self) -> &str {
        let code = self.body.pointer("/error/code");
        code.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether asking again may help.
    pub(super) fn is_passing(&self) -> bool {
        self.status.is_none_or(|status| status >= 500)
    }

    /// Whether the plan is the reason, as far as status and words tell.
    pub(super) fn is_of_the_plan(&self) -> bool {
        let message = self.message.to_lowercase();
        let words = ["plan", "upgrade", "limit", "quota", "tier", "billing"];
        let refused = matches!(self.status, Some(400 | 402 | 403 | 422));
        self.status == Some(402) || (refused && words.iter().any(|word| message.contains(word)))
    }

    fn is_taken(&self) -> bool {
        let codes = ["conflict", "domain_already_in_use", "domain_taken"];
        self.status == Some(409)
            || codes.contains(&self.code())
            || self.message.to_lowercase().contains("already")
    }

    fn is_of_the_token(&self) -> bool {
        self.status == Some(401) || self.body.pointer("/error/invalidToken") == Some(&true.into())
    }

    fn cure(&self) -> String {
        let (variable, place) = self.service.token();
        match self.status {
            _ if self.is_of_the_token() => format!("the token is wrong or has ended: make one at {place} and set {variable}"),
            None | Some(500..) => "nobody knows whether it was done: the next run looks first, so nothing is made twice. Try again in a minute".to_owned(),
            Some(429) => "too many calls: wait a minute".to_owned(),
            _ if self.is_of_the_plan() => {
                "the plan does not allow it: make room (pause or delete what you do not need) or change the plan".to_owned()
            }
            Some(403) => format!("the token may not do this: make one with full access at {place} and set {variable}; in a team or organization you must be allowed to make projects"),
            _ if self.is_taken() => "that name is taken: choose another one with --name, or --domain for an address of your own".to_owned(),
            Some(404) => "it is not there, or this account does not see it: compare the names that you gave".to_owned(),
            Some(_) => "see what it says; nothing of this call was done".to_owned(),
        }
    }

    /// The error that a run ends with.
    pub(super) fn into_error(self, doing: &str, report: &Report) -> Error {
        let status = match self.status {
            Some(status) => format!("{status}: "),
            None => String::new(),
        };
        let problem = format!(
            "{}: cannot {doing}: {status}{}",
            self.service.name(),
            self.message
        );
        let cure = format!("{}. {AGAIN}", self.cure());
        Error::setup(report.clean(&problem), cure)
    }
}

/// An error of our own, with the same end.
pub(super) fn stop(problem: impl Into<String>, cure: &str) -> Error {
    Error::setup(problem, format!("{cure}. {AGAIN}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(service: Service, status: u16, body: Value) -> String {
        let refusal = Refusal::answered(service, status, body);
        let error = refusal.into_error("make the project x", &Report::default());
        error.to_string()
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let cases = [
            (
                Service::Supabase,
                401,
                json!({"message": "Unauthorized"}),
                "SUPABASE_ACCESS_TOKEN",
            ),
            (
                Service::Vercel,
                403,
                json!({"error": {"code": "forbidden", "message": "Not authorized", "invalidToken": true}}),
                "VERCEL_TOKEN",
            ),
            (
                Service::Vercel,
                403,
                json!({"error": {"code": "forbidden", "message": "Not authorized"}}),
                "may not do this",
            ),
            (
                Service::Supabase,
                402,
                json!({"message": "no"}),
                "the plan does not allow it",
            ),
            (
                Service::Supabase,
                400,
                json!({"message": "The organization has reached its limit of free projects"}),
                "the plan does not allow it",
            ),
            (
                Service::Vercel,
                409,
                json!({"error": {"code": "conflict", "message": "Project exists"}}),
                "--name",
            ),
            (
                Service::Vercel,
                400,
                json!({"error": {"code": "domain_already_in_use", "message": "in use"}}),
                "--domain",
            ),
            (Service::Vercel, 429, json!({}), "wait a minute"),
            (
                Service::Supabase,
                503,
                json!({}),
                "the next run looks first",
            ),
        ];
        for (service, status, body, cure) in cases {
            let told = told(service, status, body);
            assert!(
                told.contains(cure) && told.contains("same command"),
                "{told}"
            );
        }
    }
}
