//! What a path names.

use crate::request::Head;

/// The path taken apart; the model is empty for the list of models.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) is_beta: bool,
    pub(super) model: &'a str,
    verb: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(super) fn read(path: &'a str) -> Option<Self> {
        let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
        let is_beta = match version {
            "v1" => false,
            "v1beta" => true,
            _ => return None,
        };
        if rest == "models" {
            return Some(Self {
                is_beta,
                model: "",
                verb: None,
            });
        }
        let rest = rest.strip_prefix("models/")?;
        let (model, verb) = rest
            .split_once(':')
            .map_or((rest, None), |(a, b)| (a, Some(b)));
        Some(Self {
            is_beta,
            model,
            verb,
        })
    }

    pub(super) fn operation(self, head: &Head) -> &'static str {
        match (head.method.as_str(), self.model, self.verb) {
            ("POST", _, Some("generateContent")) => "generateContent",
            ("POST", _, Some("streamGenerateContent")) => "streamGenerateContent",
            ("POST", _, Some("countTokens")) => "countTokens",
            ("GET", "", None) => "models.list",
            ("GET", _, None) => "models.get",
            _ => "unknown",
        }
    }
}
