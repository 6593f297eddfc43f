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
            FailureCode::ProviderQuotaExhausted,
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
fn case_g01_what_thinking_used_up_is_asked_for_once_more_with_more_room() {
    let material = Material::example(ContentKind::Titles);
    let truncated = |thoughts: u64, visible: u64| {
        let mut answer = answer(Outcome::Truncated {
            partial: String::new(),
        })
        .unwrap();
        answer.usage = Some(clients::gemini::Usage {
            thoughts_token_count: thoughts,
            candidates_token_count: visible,
            ..Default::default()
        });
        classify(Ok(answer), &material).unwrap_err()
    };
    let thought = truncated(8000, 0);
    assert_eq!(thought.failure.code, FailureCode::Truncated);
    let mut prompt = Prompt {
        system: String::new(),
        turns: Vec::new(),
        schema: serde_json::Value::Null,
        max_output_tokens: 8192,
        thinking: None,
        seed: 1,
    };
    let repair = thought.repair.expect("another call");
    assert!(repair.can_help(&prompt));
    assert_eq!(repair.prompt(&prompt).max_output_tokens, 16_384);
    prompt.max_output_tokens = models::MAX_OUTPUT_WITHOUT_STREAM;
    let repair = truncated(8000, 0).repair.expect("another call");
    assert!(!repair.can_help(&prompt), "there is no more room");
    assert!(
        truncated(100, 8000).repair.is_none(),
        "the answer itself is too long"
    );
}

#[test]
fn a_block_names_its_categories_in_words() {
    assert_eq!(
        category_name("HARM_CATEGORY_SEXUALLY_EXPLICIT"),
        "sexually explicit"
    );
}
