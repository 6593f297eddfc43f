use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use tokio::time::{advance, sleep, timeout};

use super::*;

/// A service that gives one answer to everything, and counts how often it is asked.
struct Judge {
    service: AuthService,
    answer: Mutex<Answer>,
    asked: AtomicU32,
}

impl Judge {
    fn saying(answer: Answer) -> Arc<Self> {
        let url = "http://localhost/user".parse().unwrap();
        Arc::new(Self {
            service: AuthService::new(url, "key".into()),
            answer: Mutex::new(answer),
            asked: AtomicU32::new(0),
        })
    }

    async fn confirm(&self, token: &str) -> Result<(), Rejection> {
        let ask = || async {
            self.asked.fetch_add(1, SeqCst);
            sleep(Duration::from_millis(200)).await;
            *self.answer.lock().unwrap()
        };
        self.service.confirm_with(token, ask).await
    }

    fn asked(&self) -> u32 {
        self.asked.load(SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_with_one_token_ask_once() {
    let judge = Judge::saying(Answer::Genuine);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let judge = Arc::clone(&judge);
        callers.spawn(async move { judge.confirm("one token").await });
    }
    assert!(callers.join_all().await.iter().all(Result::is_ok));
    assert_eq!(judge.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_holds_for_five_minutes_whatever_it_is() {
    for (answer, said) in [
        (Answer::Genuine, Ok(())),
        (Answer::Refused, Err(Rejection::UnknownKey)),
    ] {
        let judge = Judge::saying(answer);
        let began = Instant::now();
        while began.elapsed() < KEPT {
            assert_eq!(judge.confirm("token").await, said);
            advance(Duration::from_secs(7)).await;
        }
        assert_eq!(judge.asked(), 1);
        // Signed out meanwhile, or the key was revoked before it was ever published.
        *judge.answer.lock().unwrap() = Answer::Refused;
        assert_eq!(judge.confirm("token").await, Err(Rejection::UnknownKey));
        assert_eq!(judge.asked(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_invented_tokens_are_asked_about_at_a_bounded_rate() {
    let judge = Judge::saying(Answer::Refused);
    let began = Instant::now();
    let mut unconfirmed = 0;
    for n in 0..1000 {
        let said = judge.confirm(&format!("invented {n}")).await;
        unconfirmed += u32::from(said == Err(Rejection::Unconfirmed));
        assert!(said.is_err(), "{n}");
    }
    let bound = AT_ONCE + u32::try_from(began.elapsed().as_secs()).unwrap();
    assert!(judge.asked() <= bound, "{} of {bound}", judge.asked());
    assert_eq!(
        unconfirmed,
        1000 - judge.asked(),
        "nobody else is refused for good"
    );
    // Whoever comes afterwards waits for a moment, and is not locked out.
    *judge.answer.lock().unwrap() = Answer::Genuine;
    advance(ONE_MORE_AFTER).await;
    assert_eq!(judge.confirm("a new session").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_away_is_asked_again_after_two_seconds() {
    let judge = Judge::saying(Answer::None);
    for _ in 0..10 {
        let said = judge.confirm("token").await;
        assert_eq!(said, Err(Rejection::Unconfirmed));
    }
    assert_eq!(judge.asked(), 1);
    *judge.answer.lock().unwrap() = Answer::Genuine;
    advance(RETRY_AFTER).await;
    assert_eq!(judge.confirm("token").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn callers_who_hang_up_use_up_what_may_be_asked() {
    let judge = Judge::saying(Answer::Genuine);
    for _ in 0..1000 {
        let asked = judge.confirm("token");
        let said = timeout(Duration::from_millis(1), asked).await;
        assert!(said != Ok(Ok(())));
    }
    let bound = AT_ONCE + 1;
    assert!(judge.asked() <= bound, "{}", judge.asked());
    advance(ONE_MORE_AFTER).await;
    assert_eq!(judge.confirm("token").await, Ok(()));
}
