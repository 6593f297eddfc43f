//! What a tool is.

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::arguments::Arguments;
use platform::endpoint::{Ctx, Declaration, Limit, Problem};

/// What a tool does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Reads,
    /// Nothing, but asks a service that answers only so often.
    Asks,
    /// Money goes.
    Spends,
    /// What the world sees of a channel changes.
    Publishes,
}

/// A tool on one operation or several.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The operations whose parts it takes, and whose descriptions it bears.
    pub(super) operations: &'static [&'static Declaration],
    /// What the `{id}` of the operations' paths is called among the arguments.
    #[cfg_attr(not(test), expect(dead_code, reason = "only schemas are made of it"))]
    pub(super) id: &'static str,
    /// An argument of its own, true or false, that chooses the last of the operations.
    #[cfg_attr(not(test), expect(dead_code, reason = "only schemas are made of it"))]
    pub(super) switch: Option<(&'static str, &'static str)>,
    pub(super) effect: Effect,
    pub(super) run: Run,
}

/// Does what the tool is for.
pub(super) type Run = for<'a> fn(&'a Ctx, Arguments) -> BoxFuture<'a, Result<Value, Problem>>;

impl Tool {
    /// Whether it takes two calls.
    pub(super) fn is_confirmed(&self) -> bool {
        matches!(self.effect, Effect::Spends | Effect::Publishes)
    }

    /// Which limit a call counts against, beside that of the request itself.
    pub(super) fn limit(&self, arguments: &Arguments) -> Limit {
        match self.effect {
            Effect::Reads => Limit::None,
            Effect::Spends if arguments.is_confirmed() => Limit::Spend,
            Effect::Asks | Effect::Spends | Effect::Publishes => Limit::Write,
        }
    }
}
