//! What a tool is.

use futures_util::future::BoxFuture;
use rmcp::model::{Tool as ToolDescription, ToolAnnotations};
use serde_json::Value;

use super::arguments::Arguments;
use super::input_schema::input_schema;
use crate::routes::Documented;
use platform::endpoint::{Ctx, Limit, Problem};

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
    pub(super) operations: &'static [&'static dyn Documented],
    /// What the `{id}` of the operations' paths is called among the arguments.
    pub(super) id: &'static str,
    /// An argument of its own, true or false, that chooses the last of the operations.
    pub(super) switch: Option<(&'static str, &'static str)>,
    pub(super) effect: Effect,
    pub(super) run: Run,
}

/// Does what the tool is for.
pub(super) type Run = for<'a> fn(&'a Ctx, Arguments) -> BoxFuture<'a, Result<Value, Problem>>;

const SPENDS: &str = "Spends money, so it takes two calls: the first answers with the price and a `confirmation`, and does nothing.";
const PUBLISHES: &str = "Changes what is published, so it takes two calls: the first answers with the plan and a `confirmation`, and does nothing.";

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

    /// What programs are told of it.
    pub(super) fn describe(&self) -> ToolDescription {
        let told = self.operations.iter().map(|operation| {
            let declaration = operation.declaration();
            [declaration.summary, declaration.description]
        });
        let mut told: Vec<&str> = told.flatten().filter(|text| !text.is_empty()).collect();
        match self.effect {
            Effect::Reads | Effect::Asks => {}
            Effect::Spends => told.push(SPENDS),
            Effect::Publishes => told.push(PUBLISHES),
        }
        let reads = !self.is_confirmed();
        let hints = ToolAnnotations::with_title(self.title)
            .read_only(reads)
            .destructive(self.effect == Effect::Publishes)
            .idempotent(reads)
            .open_world(true);
        ToolDescription::new(self.name, told.join(" "), input_schema(self))
            .with_title(self.title)
            .with_annotations(hints)
    }
}
