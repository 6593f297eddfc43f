//! Offers: what a call of a program would cost or do, and the token that confirms exactly that, once, within ten minutes.

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Value, json};

use platform::db::Db;
use platform::endpoint::Problem;
use platform::ids::{AgentId, UserId};
use platform::random::{random_text, sha256_text};

/// What a call costs of a program's daily caps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Price {
    /// At most, in millionths of a US dollar.
    pub cost_micros: i64,
    /// Credits of the render service.
    pub credits: i64,
    /// Uploads that are scheduled, moved, changed or cancelled.
    pub publications: i64,
}

/// Who would do what, at what price. The text of it all is what a confirmation is bound to.
#[derive(Debug)]
pub struct Call {
    user: UserId,
    agent: AgentId,
    tool: &'static str,
    price: Price,
    digest: String,
}

impl Call {
    /// A call of `tool` with these arguments, which would do what `plan` says.
    pub fn new(
        (user, agent): (UserId, AgentId),
        tool: &'static str,
        arguments: &serde_json::Map<String, Value>,
        price: Price,
        plan: &Value,
    ) -> Self {
        let bound = json!([tool, arguments, price, plan]);
        let mut text = String::new();
        write_sorted(&bound, &mut text);
        Self {
            user,
            agent,
            tool,
            price,
            digest: sha256_text(&text),
        }
    }

    fn arguments(&self, token: &str) -> Value {
        json!({
            "p_user": self.user, "p_agent": self.agent, "p_tool": self.tool,
            "p_token_hash": sha256_text(token), "p_digest": self.digest, "p_price": self.price,
        })
    }
}

/// An offer, open until it is taken or ends.
#[derive(Debug, Serialize)]
pub struct Offer {
    /// Confirms the same call once.
    pub confirmation: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Offers a call.
///
/// # Errors
///
/// `agent_not_allowed`, or `daily_cap_reached` when the call would go beyond the cap.
pub async fn make(engine: &Db, call: &Call) -> Result<Offer, Problem> {
    let token = random_text(32).map_err(Problem::internal)?;
    let token = token.expose_secret();
    let expires_at = engine
        .call("make_agent_offer", &call.arguments(token))
        .await?;
    Ok(Offer {
        confirmation: token.to_owned(),
        expires_at,
    })
}

/// Takes the offer of exactly this call, and counts it against the caps. It can be taken once, whatever becomes of the call.
///
/// # Errors
///
/// `confirmation_invalid`, and what [`make`] refuses.
pub async fn take(engine: &Db, call: &Call, token: &str) -> Result<(), Problem> {
    Ok(engine
        .call("take_agent_offer", &call.arguments(token))
        .await?)
}

/// JSON with members in the order of their names: the same value is the same text, whoever wrote it.
fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(member, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_sorted(item, text);
                text.push(',');
            }
            text.push(']');
        }
        _ => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn digest(arguments: &str, credits: i64, plan: &str) -> String {
        let who = (UserId(Uuid::nil()), AgentId(Uuid::nil()));
        let arguments = serde_json::from_str(arguments).unwrap();
        let price = Price {
            credits,
            ..Price::default()
        };
        Call::new(who, "render", &arguments, price, &json!(plan)).digest
    }

    #[test]
    fn a_confirmation_is_bound_to_arguments_price_and_plan() {
        let one = digest(r#"{"a": {"x": 1, "y": [2]}, "b": "c"}"#, 5, "plan");
        assert_eq!(
            one,
            digest(r#"{"b": "c", "a": {"y": [2], "x": 1}}"#, 5, "plan"),
            "the order of members says nothing"
        );
        for (what, other) in [
            (
                "a value",
                digest(r#"{"a": {"x": 1, "y": [3]}, "b": "c"}"#, 5, "plan"),
            ),
            (
                "a type",
                digest(r#"{"a": {"x": "1", "y": [2]}, "b": "c"}"#, 5, "plan"),
            ),
            (
                "a place",
                digest(r#"{"a": {"x": 1, "y": [2], "b": "c"}}"#, 5, "plan"),
            ),
            (
                "the price",
                digest(r#"{"a": {"x": 1, "y": [2]}, "b": "c"}"#, 6, "plan"),
            ),
            (
                "the plan",
                digest(r#"{"a": {"x": 1, "y": [2]}, "b": "c"}"#, 5, "other"),
            ),
        ] {
            assert_ne!(one, other, "{what} differs");
        }
    }
}
