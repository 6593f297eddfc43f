//! The two calls of whatever spends or publishes.

use serde_json::{Value, json};

use super::arguments::Arguments;
use crate::agents::offer::{self, Call, Price};
use platform::endpoint::{Ctx, Problem};

const NEXT: &str = "Nothing was done yet. Show the price and the plan to the user; when they agree, call the tool again with exactly the \
    same arguments and this confirmation.";

/// What a call is about: its arguments, of which some may have been read already, and its confirmation.
#[derive(Debug)]
pub(super) struct Asked {
    tool: &'static str,
    given: serde_json::Map<String, Value>,
    confirmation: Option<String>,
}

impl Asked {
    pub(super) fn of(arguments: &Arguments) -> Self {
        Self {
            tool: arguments.tool,
            given: arguments.given.clone(),
            confirmation: arguments.confirmation.clone(),
        }
    }

    /// None when the call was confirmed at this price and for this plan, and has been counted; otherwise the offer to answer
    /// with.
    pub(super) async fn confirmed(
        &self,
        ctx: &Ctx,
        price: Price,
        plan: &Value,
    ) -> Result<Option<Value>, Problem> {
        let who = (ctx.user().id, ctx.agent());
        let call = Call::new(who, self.tool, &self.given, price, plan);
        if let Some(token) = &self.confirmation {
            offer::take(&ctx.engine(), &call, token).await?;
            return Ok(None);
        }
        let offer = offer::make(&ctx.engine(), &call).await?;
        Ok(Some(json!({
            "confirmation": offer.confirmation,
            "expires_at": offer.expires_at,
            "price": price,
            "plan": plan,
            "next": NEXT,
        })))
    }
}
