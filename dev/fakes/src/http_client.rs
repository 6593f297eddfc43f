//! The client that sends webhooks.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs::default_provider};

/// A client for plain HTTP that follows no redirects: what webhooks are sent with, and of use to tests of the stand-ins.
///
/// # Errors
/// When the client cannot be made.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .gzip(false);
    let provider = Arc::new(default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match versions {
        Ok(config) => {
            let roots = RootCertStore::empty();
            let config = config.with_root_certificates(roots).with_no_client_auth();
            builder.tls_backend_preconfigured(config).build()
        }
        Err(_) => builder.build(),
    }
}
