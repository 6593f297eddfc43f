//! What is kept between the start of a consent and its end.

use uuid::Uuid;

use platform::config::Config;
use platform::ids::UserId;
use platform::sealing::EncryptionContext;

/// Path of the callback; the redirect URI that Google must know is this path on `APP_URL`.
const CALLBACK: &str = "/api/channels/callback";

/// The redirect URI, exactly as it must be registered at Google.
pub(super) fn redirect_uri(config: &Config) -> String {
    format!(
        "{}{CALLBACK}",
        config.app.url.as_str().trim_end_matches('/')
    )
}

/// What the code verifier of one consent is bound to.
pub(super) fn encryption_context(id: Uuid, user: UserId) -> EncryptionContext {
    EncryptionContext {
        table: "private.oauth_states",
        column: "code_verifier",
        row: id,
        owner: user.0,
    }
}
