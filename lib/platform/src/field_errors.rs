//! The fields of a body that are not acceptable: all of them in one answer, so that nobody has to try field by field.

use crate::problem::{FieldError, Kind, Problem};

/// Collects fields with the rule that each breaks.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Names a field by its JSON pointer, and its rule: "must …".
    pub fn add(&mut self, pointer: impl Into<String>, rule: impl Into<String>) {
        self.0.push(FieldError::field(pointer, rule));
    }

    /// Adds a field with all that is known of it.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
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
        let sentences: Vec<String> = self.0.iter().map(FieldError::sentence).collect();
        let problem = Problem::new(Kind::InvalidBody).detail(sentences.join(" "));
        Err(self.0.into_iter().fold(problem, Problem::error))
    }
}

/// The problem of a body in which one field breaks its rule; `""` is the pointer of the whole body.
pub fn invalid(pointer: impl Into<String>, rule: impl Into<String>) -> Problem {
    invalid_field(FieldError::field(pointer, rule))
}

/// [`invalid`] with all that is known of the field.
pub fn invalid_field(error: FieldError) -> Problem {
    let problem = Problem::new(Kind::InvalidBody).detail(error.sentence());
    problem.error(error)
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
        let pointers: Vec<_> = body
            .errors
            .into_iter()
            .filter_map(|error| error.pointer)
            .collect();
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
