//! Single questions of the doctor, for who wants to know one thing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::finding::Finding;
use super::services;
use super::variables::Variables;
use crate::http;

pub(crate) use super::database::{google_consent, scores};

/// A service that keys are for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
    Google,
    Gemini,
    RevId,
}

/// What a service says to the keys among these variables, for a deployment at this address.
pub(crate) async fn service(
    service: Service,
    variables: &BTreeMap<String, String>,
    app_url: &str,
) -> Finding {
    let mut all = variables.clone();
    all.insert("APP_URL".to_owned(), app_url.to_owned());
    let mut findings = Vec::new();
    let unreadable = || {
        Finding::fault(
            "the variables cannot be read",
            "`catalyst doctor --offline` names each",
        )
    };
    let Some(variables) = Variables::read(&all, &mut findings) else {
        return unreadable();
    };
    let Ok(client) = http::client(Duration::from_secs(15)) else {
        return Finding::fault("no TLS", "this is a fault of the tool");
    };
    let config = &variables.config;
    let said = match service {
        Service::Google => services::google(&client, config).await,
        Service::Gemini => services::gemini(&client, config).await,
        Service::RevId => services::revid(&client, config).await,
    };
    said.unwrap_or_else(unreadable)
}
