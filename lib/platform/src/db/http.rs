//! The HTTP client of everything that Supabase answers.

use std::sync::OnceLock;
use std::time::Duration;

/// One connection pool: the signing keys, which are asked for first, leave their connection to the calls that follow.
pub(crate) fn http_client() -> reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            clients::tls::client_builder()
                .connect_timeout(Duration::from_secs(3))
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!(
                    "content-catalyst-engine/",
                    env!("CARGO_PKG_VERSION")
                ))
                .build()
                .expect("the client's settings are constants")
        })
        .clone()
}
