//! The prompt.
//!
//! The system instruction is fixed text and numbers: nothing that anybody typed, and nothing that came from YouTube, is
//! ever part of it. All such text goes into the user's turn as JSON inside marked blocks, with the characters escaped
//! that could end a block, and the instruction says that blocks are material. The answer has to follow a schema. So a
//! video called "ignore previous instructions" is a string in a list and nothing more.

mod blocks;
mod repair;
mod schema;
mod system;

use super::kind::ContentKind;
use super::material::Material;
use clients::gemini::{Prompt, ThinkingLevel, Turn, models};
pub(super) use repair::Repair;

/// Stored with every generation, so that acceptance can be compared by it. Change it together with any prompt text.
pub(super) const VERSION: &str = "cce-prompt/1";

/// The request to the model.
pub(super) fn prompt(material: &Material, model: &str, seed: i32) -> Prompt {
    Prompt {
        system: system::instruction(material),
        turns: vec![Turn::user(blocks::parts(material))],
        schema: schema::schema(material),
        max_output_tokens: max_output_tokens(material),
        thinking: models::supported(model, ThinkingLevel::Low),
        seed,
    }
}

/// Room for the answer and for thinking about it.
fn max_output_tokens(material: &Material) -> u32 {
    match material.kind {
        ContentKind::Ideas | ContentKind::Titles => 8192,
        ContentKind::Description => 10_240,
        // Twice the words spoken, for what is seen and for other languages, and room to think.
        ContentKind::Script => {
            (material.brief.seconds() * 12 + 8192).min(models::MAX_OUTPUT_WITHOUT_STREAM)
        }
    }
}

#[cfg(test)]
mod tests;
