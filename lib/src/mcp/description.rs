//! What programs are told of a tool.

use rmcp::model::{Tool as Description, ToolAnnotations};

use super::input_schema::input_schema;
use super::tool::{Effect, Tool};

const SPENDS: &str = "Spends money, so it takes two calls: the first answers with the price and a `confirmation`, and does nothing.";
const PUBLISHES: &str = "Changes what is published, so it takes two calls: the first answers with the plan and a `confirmation`, and does nothing.";

/// Its operations' words, its arguments, and hints.
pub(super) fn describe(tool: &Tool) -> Description {
    let operations = tool.operations.iter();
    let told = operations.map(|operation| [operation.summary, operation.description]);
    let mut told: Vec<&str> = told.flatten().filter(|text| !text.is_empty()).collect();
    match tool.effect {
        Effect::Reads | Effect::Asks => {}
        Effect::Spends => told.push(SPENDS),
        Effect::Publishes => told.push(PUBLISHES),
    }
    let reads = !tool.is_confirmed();
    let hints = ToolAnnotations::with_title(tool.title)
        .read_only(reads)
        .destructive(tool.effect == Effect::Publishes)
        .idempotent(reads)
        .open_world(true);
    Description::new(tool.name, told.join(" "), input_schema(tool.name))
        .with_title(tool.title)
        .with_annotations(hints)
}
