use super::*;
use crate::content::request::ContentKind;

fn answer(outcome: Outcome) -> Result<Answer, Error> {
    Ok(Answer {
        outcome,
        model_version: None,
        response_id: None,
        usage: None,
    })
}

fn result_of(answer: Result<Answer, Error>) -> (FailureCode, bool, bool) {
    let mut material = Material::example(ContentKind::Titles);
    material.brief.count = Some(1);
    material.channel.banned_topics = vec!["casino".to_owned()];
    let rejection = classify(answer, &material).unwrap_err();
    (
        rejection.failure.code,
        rejection.failure.retryable,
        rejection.repair.is_some(),
    )
}

#[test]
fn every_end_has_its_name_and_only_some_are_asked_again() {
    let titles = |title: &str| {
        Outcome::Complete(format!(r#"{{"titles":[{{"title":"{title}","why":"w"}}]}}"#))
    };
    let blocked = |stage| Outcome::Blocked {
        stage,
        reason: "SAFETY".to_owned(),
        categories: vec!["HARM_CATEGORY_HATE_SPEECH".to_owned()],
    };
    let failed = |reason: &str| Outcome::Failed {
        finish_reason: reason.to_owned(),
        partial: String::new(),
    };
    for (answer, code, retryable, again) in [
        (answer(titles("<b>")), FailureCode::Malformed, true, true),
        (
            answer(titles("Casino night")),
            FailureCode::BannedTopic,
            false,
            true,
        ),
        (
            answer(Outcome::Truncated {
                partial: "{".to_owned(),
            }),
            FailureCode::Truncated,
            true,
            false,
        ),
        (
            answer(blocked(Stage::Prompt)),
            FailureCode::PromptBlocked,
            false,
            false,
        ),
        (
            answer(blocked(Stage::Output)),
            FailureCode::OutputBlocked,
            false,
            false,
        ),
        (
            answer(Outcome::Recited),
            FailureCode::Recitation,
            false,
            true,
        ),
        (answer(Outcome::Empty), FailureCode::Empty, true, true),
        (answer(failed("OTHER")), FailureCode::Stopped, true, true),
        (
            answer(failed("LANGUAGE")),
            FailureCode::Stopped,
            false,
            false,
        ),
        (
            Err(Error::RateLimited { after: None }),
            FailureCode::RateLimited,
            true,
            false,
        ),
        (
            Err(Error::QuotaExhausted {
                quota: "q".to_owned(),
                until: None,
            }),
            FailureCode::QuotaExhausted,
            false,
            false,
        ),
        (
            Err(Error::Unavailable {
                status: 503,
                after: None,
            }),
            FailureCode::ProviderUnavailable,
            true,
            false,
        ),
        (
            Err(Error::NotReached(None)),
            FailureCode::ProviderUnavailable,
            true,
            false,
        ),
        (Err(Error::TimedOut), FailureCode::TimedOut, true, false),
        (
            Err(Error::Cut {
                partial: String::new(),
                usage: None,
            }),
            FailureCode::ConnectionLost,
            true,
            false,
        ),
        (
            Err(Error::UnknownModel),
            FailureCode::ProviderRefused,
            false,
            false,
        ),
    ] {
        let shown = format!("{answer:?}");
        assert_eq!(result_of(answer), (code, retryable, again), "{shown}");
    }
}

#[test]
fn a_block_names_its_categories_in_words() {
    assert_eq!(
        category_name("HARM_CATEGORY_SEXUALLY_EXPLICIT"),
        "sexually explicit"
    );
}
