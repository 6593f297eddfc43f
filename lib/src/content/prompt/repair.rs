//! The second turn after an answer that broke rules.

use clients::gemini::{Prompt, Turn};

/// What the model is told to put right.
#[derive(Debug)]
pub(in crate::content) struct Repair {
    /// The answer to put right, when there is one.
    pub(in crate::content) answer: Option<String>,
    /// The broken rules, in our own words only.
    pub(in crate::content) rules: Vec<String>,
}

impl Repair {
    /// The prompt with the answer and the rules that it broke.
    pub(in crate::content) fn prompt(self, prompt: &Prompt) -> Prompt {
        let mut again = prompt.clone();
        let rules: String = self
            .rules
            .iter()
            .take(20)
            .map(|rule| format!("- {rule}\n"))
            .collect();
        let request = match self.answer {
            Some(answer) => {
                again.turns.push(Turn::model(answer));
                format!(
                    "That answer breaks these rules:\n{rules}Write the whole answer again with only that put right."
                )
            }
            None => format!("Keep to this as well:\n{rules}"),
        };
        again.turns.push(Turn::user([request]));
        again
    }
}
