//! The fields of a body that are not acceptable: all of them in one answer, so that nobody has to try field by field.

use crate::problem::{Kind, Problem};

/// Collects fields with the rule that each breaks.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<(String, String)>);

impl FieldErrors {
    /// Names a field by its JSON pointer, and its rule: "must …".
    pub fn add(&mut self, pointer: impl Into<String>, rule: impl Into<String>) {
        self.0.push((pointer.into(), rule.into()));
    }

    /// Wants 1 to `longest` characters, of which one at least is no blank.
    pub fn check_text(&mut self, pointer: impl Into<String>, text: &str, longest: usize) {
        if text.trim().is_empty() || text.chars().count() > longest {
            let rule = format!("must have 1 to {longest} characters and not only blanks");
            self.add(pointer, rule);
        }
    }

    /// Refuses the body when there is any.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with every field.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let sentences: Vec<String> = self.0.iter().map(sentence).collect();
        let problem = Problem::new(Kind::InvalidBody).detail(sentences.join(" "));
        let add = |problem: Problem, (pointer, rule)| problem.pointer(pointer, rule);
        Err(self.0.into_iter().fold(problem, add))
    }
}

/// The problem of a body in which one field breaks its rule; `""` is the pointer of the whole body.
pub fn invalid(pointer: impl Into<String>, rule: impl Into<String>) -> Problem {
    let field = (pointer.into(), rule.into());
    let problem = Problem::new(Kind::InvalidBody).detail(sentence(&field));
    problem.pointer(field.0, field.1)
}

/// A pointer as people write it, and its rule: `brand_voice.structure.0 must …`.
fn sentence((pointer, rule): &(String, String)) -> String {
    match pointer.trim_start_matches('/') {
        "" => format!("The body {rule}."),
        name => format!("{} {rule}.", name.replace('/', ".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_named_and_explained() {
        assert!(FieldErrors::default().into_result().is_ok());
        let mut errors = FieldErrors::default();
        errors.check_text("/name", "fine", 4);
        errors.check_text("/voice/audience", " ", 10);
        errors.check_text("/name", "too long", 4);
        let body = errors.into_result().unwrap_err().into_body("r");
        let pointers: Vec<_> = body.errors.into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/voice/audience", "/name"]);
        assert_eq!(
            body.detail.as_deref(),
            Some(
                "voice.audience must have 1 to 10 characters and not only blanks. \
                 name must have 1 to 4 characters and not only blanks."
            )
        );
    }
}
