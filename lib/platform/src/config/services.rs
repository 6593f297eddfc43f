//! The outside services: each client's own settings, from its variables.

use super::vars::{ConfigError, Vars};
use clients::gemini::{self, PriceList};
use clients::{google_oauth, revid};

pub(super) fn google(vars: &Vars<'_>) -> Result<Option<google_oauth::Settings>, ConfigError> {
    let Some(client_id) = vars.text("GOOGLE_CLIENT_ID") else {
        return Ok(None);
    };
    let name = "GOOGLE_CLIENT_SECRET";
    let client_secret = vars
        .secret(name)
        .ok_or_else(|| ConfigError::new(name, "is not set although GOOGLE_CLIENT_ID is"))?;
    Ok(Some(google_oauth::Settings {
        client_id,
        client_secret,
        accounts_url: vars.service("GOOGLE_ACCOUNTS_URL", "https://accounts.google.com")?,
        oauth_url: vars.service("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com")?,
        youtube_url: vars.service("YOUTUBE_URL", "https://www.googleapis.com")?,
        analytics_url: vars.service(
            "YOUTUBE_ANALYTICS_URL",
            "https://youtubeanalytics.googleapis.com",
        )?,
    }))
}

pub(super) fn gemini(vars: &Vars<'_>) -> Result<Option<gemini::Settings>, ConfigError> {
    let Some(api_key) = vars.secret("GEMINI_API_KEY") else {
        return Ok(None);
    };
    Ok(Some(gemini::Settings {
        api_key,
        model: vars.text("GEMINI_MODEL"),
        api_version: vars
            .text("GEMINI_API_VERSION")
            .unwrap_or_else(|| "v1beta".to_owned()),
        send_store: vars.flag("GEMINI_SEND_STORE", true)?,
        prices: prices(vars)?,
        url: vars.service("GEMINI_URL", "https://generativelanguage.googleapis.com")?,
    }))
}

fn prices(vars: &Vars<'_>) -> Result<PriceList, ConfigError> {
    let name = "GEMINI_PRICES";
    match vars.text(name) {
        Some(text) => {
            PriceList::parse(&text).map_err(|error| ConfigError::new(name, error.to_string()))
        }
        None => Ok(PriceList::default()),
    }
}

pub(super) fn revid(vars: &Vars<'_>) -> Result<Option<revid::Settings>, ConfigError> {
    let Some(api_key) = vars.secret("REVID_API_KEY") else {
        return Ok(None);
    };
    let credits_per_day = if vars.mocking { 1_000_000 } else { 2000 };
    let hosts = vars.text("RENDER_FILE_HOSTS");
    let hosts = hosts.iter().flat_map(|hosts| hosts.split(','));
    Ok(Some(revid::Settings {
        api_key,
        url: vars.service("REVID_URL", "https://www.revid.ai")?,
        credits_per_render: vars.number("RENDER_CREDITS_PER_VIDEO", 100)?,
        credits_per_day: vars.number("RENDER_CREDITS_PER_DAY", credits_per_day)?,
        voices: voices(vars)?,
        file_hosts: hosts.map(|host| host.trim().to_owned()).collect(),
    }))
}

fn voices(vars: &Vars<'_>) -> Result<Vec<revid::Voice>, ConfigError> {
    let name = "RENDER_VOICES";
    let stand_ins = vars
        .mocking
        .then(|| "stand-in-ada:Ada:en-US, stand-in-ben:Ben:de-DE".to_owned());
    let Some(text) = vars.text(name).or(stand_ins) else {
        return Ok(Vec::new());
    };
    let voices: Option<Vec<_>> = text.split(',').map(revid::Voice::parse).collect();
    voices.ok_or_else(|| {
        let rule = "must list voices as ID:NAME or ID:NAME:LANGUAGE, separated by commas";
        ConfigError::new(name, rule)
    })
}
