//! Callbacks of the provider: each submit has an address of its own, with a secret.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use clients::revid::ProviderJobId;
use platform::random::{random_text, sha256_text};
use platform::{db::Db, endpoint::Problem, ids::RenderId, sealing::SecretError};

/// The path of callbacks, which the provider's listing may repeat.
pub(super) const CALLBACK_PATH: &str = "/api/webhooks/revid";

/// The secret in a callback's address: 32 random bytes. The provider sees it and may log it, so all that it allows is to
/// make us poll sooner.
#[derive(Debug)]
pub(super) struct CallbackToken(SecretString);

impl CallbackToken {
    pub(super) fn new() -> Result<Self, SecretError> {
        random_text(32).map(Self)
    }

    /// The form in which it is stored.
    pub(super) fn hash(&self) -> String {
        sha256_text(self.0.expose_secret())
    }

    /// The address that the provider is given.
    pub(super) fn address(&self, app: &Url, render: RenderId) -> Url {
        let mut address = app.clone();
        address.set_path(CALLBACK_PATH);
        address
            .query_pairs_mut()
            .clear()
            .append_pair("render", &render.to_string())
            .append_pair("token", self.0.expose_secret());
        address
    }
}

/// Records a callback to a render's own address. Returns whether its job is to be polled now.
///
/// # Errors
///
/// `not_found` for anything that does not fit together, without saying what.
pub async fn note_callback(
    engine: &Db,
    render: Option<&str>,
    token: Option<&str>,
    job: Option<ProviderJobId>,
) -> Result<bool, Problem> {
    let render: Option<RenderId> = render.and_then(|render| render.parse().ok());
    let (Some(render), Some(token)) = (render, token) else {
        return Err(Problem::not_found());
    };
    let arguments =
        json!({ "p_render": render, "p_token_hash": sha256_text(token), "p_job_id": job });
    Ok(engine.call("note_render_callback", &arguments).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callbacks_address_holds_render_and_token() {
        let app = Url::parse("https://app.example.com").unwrap();
        let render = "0198c0de-0000-7000-8000-000000000001".parse().unwrap();
        let (one, two) = (CallbackToken::new().unwrap(), CallbackToken::new().unwrap());
        let address = one.address(&app, render);
        assert_eq!(address.path(), CALLBACK_PATH);
        let pairs: std::collections::HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(pairs["render"], render.to_string());
        assert_eq!(pairs["token"].len(), 43);
        assert_eq!(sha256_text(&pairs["token"]), one.hash());
        assert_ne!(one.hash(), two.hash());
    }
}
