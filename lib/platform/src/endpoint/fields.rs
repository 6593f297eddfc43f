//! Checks of a body's fields that the types do not make.

use serde::{Deserialize, Deserializer};

use crate::problem::{Kind, Problem};

/// `deserialize_with` for `Option<Option<T>>`, beside `default`: tells a field that is null from one that is absent.
///
/// # Errors
///
/// As `T`.
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Refuses a body for the rules that its fields break, all in one answer; accepts it when there are none. Each is the
/// field's JSON pointer and its rule, such as `must be at most 100 characters`.
///
/// # Errors
///
/// [`Kind::InvalidBody`].
pub fn refuse<P: AsRef<str>>(broken: Vec<(P, String)>) -> Result<(), Problem> {
    if broken.is_empty() {
        return Ok(());
    }
    let sentences: Vec<String> = broken
        .iter()
        .map(|(pointer, rule)| format!("{} {rule}.", name(pointer.as_ref())))
        .collect();
    let problem = Problem::new(Kind::InvalidBody).detail(sentences.join(" "));
    Err(broken
        .into_iter()
        .fold(problem, |problem, (pointer, rule)| {
            problem.pointer(pointer.as_ref(), rule)
        }))
}

/// Collects the fields that break a rule.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<(String, String)>);

impl FieldErrors {
    /// Names a field by its JSON pointer, and its rule: "must …".
    pub fn add(&mut self, pointer: impl Into<String>, rule: impl Into<String>) {
        self.0.push((pointer.into(), rule.into()));
    }

    /// Wants 1 to `longest` characters, not all of them blanks.
    pub fn check_text(&mut self, pointer: impl Into<String>, text: &str, longest: usize) {
        if text.trim().is_empty() || text.chars().count() > longest {
            self.add(
                pointer,
                format!("must have 1 to {longest} characters and not only blanks"),
            );
        }
    }

    /// Refuses the body when there is any, as [`refuse`] does.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidBody`] with every field.
    pub fn into_result(self) -> Result<(), Problem> {
        refuse(self.0)
    }
}

/// The problem of a body in which one field breaks its rule. `""` is the pointer of the whole body.
#[must_use]
pub fn invalid(pointer: &str, rule: impl Into<String>) -> Problem {
    let rule = rule.into();
    Problem::new(Kind::InvalidBody)
        .detail(format!("{} {rule}.", name(pointer)))
        .pointer(pointer, rule)
}

/// A pointer as people write it: `brand_voice.structure.0`.
fn name(pointer: &str) -> String {
    match pointer.trim_start_matches('/') {
        "" => "The body".to_owned(),
        name => name.replace('/', "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Changes {
        #[serde(default, deserialize_with = "given")]
        rating: Option<Option<i16>>,
    }

    #[test]
    fn a_null_is_not_the_absence_of_a_field() {
        let rating = |text| serde_json::from_str::<Changes>(text).unwrap().rating;
        assert_eq!(rating("{}"), None);
        assert_eq!(rating(r#"{"rating": null}"#), Some(None));
        assert_eq!(rating(r#"{"rating": 3}"#), Some(Some(3)));
    }

    #[test]
    fn every_broken_rule_is_named_with_its_field() {
        assert!(refuse::<&str>(Vec::new()).is_ok());
        let broken = vec![
            ("/a/0", "must be short".to_owned()),
            ("", "is empty".to_owned()),
        ];
        let body = refuse(broken).unwrap_err().into_body("request");
        assert_eq!(
            body.detail.as_deref(),
            Some("a.0 must be short. The body is empty.")
        );
        assert_eq!(body.errors[0].pointer, "/a/0");
        assert_eq!(body.errors.len(), 2);
    }

    #[test]
    fn text_has_its_length_and_is_not_blank() {
        assert!(FieldErrors::default().into_result().is_ok());
        let mut errors = FieldErrors::default();
        errors.check_text("/name", "fine", 4);
        errors.check_text("/voice/audience", " ", 10);
        errors.check_text("/name", "too long", 4);
        let body = errors.into_result().unwrap_err().into_body("r");
        let pointers: Vec<_> = body.errors.into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/voice/audience", "/name"]);
    }
}
