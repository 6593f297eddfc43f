//! What YouTube wants to know of a video before it is published.

use platform::endpoint::{Kind, Problem};

/// The answers, or a problem that names each one that is missing.
pub(super) fn required_answers(
    made_for_kids: Option<bool>,
    altered_content: Option<bool>,
) -> Result<(bool, bool), Problem> {
    if let (Some(made_for_kids), Some(altered_content)) = (made_for_kids, altered_content) {
        return Ok((made_for_kids, altered_content));
    }
    let mut problem = Problem::new(Kind::AnswersMissing).detail(
        "YouTube wants two answers before a video is published: whether it is made for kids, and whether it shows \
         realistic altered or synthetic content.",
    );
    if made_for_kids.is_none() {
        problem = problem.pointer(
            "/made_for_kids",
            "answer true or false: is the video made for kids?",
        );
    }
    if altered_content.is_none() {
        problem = problem.pointer(
            "/altered_content",
            "answer true or false: does it show realistic altered or synthetic content?",
        );
    }
    Err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(made_for_kids: Option<bool>, altered_content: Option<bool>) -> Vec<String> {
        let problem = required_answers(made_for_kids, altered_content).unwrap_err();
        assert_eq!(problem.kind(), Kind::AnswersMissing);
        let body = serde_json::to_value(problem.into_body("r")).unwrap();
        let errors = body["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn every_missing_answer_is_named_at_once() {
        assert_eq!(missing(None, None), ["/made_for_kids", "/altered_content"]);
        assert_eq!(missing(Some(false), None), ["/altered_content"]);
        assert_eq!(missing(None, Some(true)), ["/made_for_kids"]);
        assert_eq!(
            required_answers(Some(true), Some(false)).unwrap(),
            (true, false)
        );
    }
}
