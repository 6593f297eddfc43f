//! What counts as an access token: only what Supabase Auth signed for a signed-in user, in time, for us. Everything else is a
//! 401, against a real function.

mod claims;
mod keys;
mod malformed;
mod rotation;

use serde_json::Value;
use uuid::Uuid;

use crate::support::{Answer, Stack, TokenSigner, User};

/// Tokens that must be refused, each with a word that says what is wrong with it.
type Hostile = Vec<(String, String)>;

/// A user, and what signs their tokens.
struct Victim {
    stack: std::sync::Arc<Stack>,
    user: User,
    signer: TokenSigner,
}

impl Victim {
    async fn new() -> Self {
        let stack = Stack::from_env();
        Self {
            user: stack.sign_up().await,
            signer: TokenSigner::of(&stack),
            stack,
        }
    }

    /// Fails unless each token is refused as a token, and the good one is taken afterwards by the same process.
    async fn assert_refused(&self, tokens: &Hostile) {
        let mut wrong = Vec::new();
        for (name, token) in tokens {
            let answer = self.stack.api(Some(token)).get("/api/me").await;
            if !is_refusal(&answer) {
                wrong.push(format!("{name}: {answer}"));
            }
        }
        let (accepted, all) = (wrong.len(), tokens.len());
        assert!(
            wrong.is_empty(),
            "{accepted} of {all}:\n{}",
            wrong.join("\n")
        );
        self.user.api.get("/api/me").await.status(200);
    }
}

fn is_refusal(answer: &Answer) -> bool {
    answer.status == 401
        && answer.header("content-type") == Some("application/problem+json")
        && answer.header("www-authenticate").is_some()
        && matches!(
            answer.json["code"].as_str(),
            Some("token_invalid" | "token_expired" | "token_missing")
        )
}

fn changed(signer: &TokenSigner, user: Uuid, name: &str, value: Value) -> Value {
    let mut claims = signer.claims(user);
    claims[name] = value;
    claims
}
