//! The demo's only way to the product: HTTP, with the user's own token.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::DemoError;

/// A signed-in user of the API.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    api: String,
    token: String,
}

/// Where the stack listens.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The functions.
    pub api: String,
    /// The Supabase gateway.
    pub supabase: String,
    /// Its publishable key.
    pub publishable_key: String,
    /// The stand-in of Google.
    pub google: String,
    /// The stand-in of YouTube.
    pub youtube: String,
    /// The stand-in of RevID.
    pub revid: String,
}

/// A client that waits as long as the slowest operation may take.
///
/// # Errors
///
/// When it cannot be made.
pub fn http() -> Result<reqwest::Client, DemoError> {
    clients::tls::client_builder()
        .timeout(Duration::from_secs(90))
        .build()
        .map_err(|error| DemoError::new("no HTTP client", error.to_string()))
}

/// Posts to a stand-in's controls.
///
/// # Errors
///
/// When the stand-in does not answer, or refuses.
pub async fn control(url: String, body: Value) -> Result<(), DemoError> {
    let answer = http()?
        .post(&url)
        .json(&body)
        .send()
        .await
        .map_err(|error| DemoError::new("a stand-in does not answer", error.to_string()))?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(DemoError::new(
        format!("{url} was refused"),
        answer.text().await.unwrap_or_default(),
    ))
}

impl Client {
    /// Signs up, as a front end does with supabase-js.
    pub async fn sign_up(addresses: &Addresses, email: &str) -> Result<Self, DemoError> {
        let http = http()?;
        let answer: Value = http
            .post(format!("{}/auth/v1/signup", addresses.supabase))
            .header("apikey", &addresses.publishable_key)
            .json(&json!({"email": email, "password": format!("demo-{}", Uuid::new_v4())}))
            .send()
            .await
            .map_err(|error| DemoError::new("sign-up does not answer", error.to_string()))?
            .json()
            .await
            .map_err(|error| DemoError::new("sign-up gave no JSON", error.to_string()))?;
        let token = answer["access_token"].as_str().ok_or_else(|| {
            DemoError::new("sign-up gave no access token", answer["msg"].to_string())
        })?;
        Ok(Self {
            http,
            api: addresses.api.clone(),
            token: token.to_owned(),
        })
    }

    /// The access token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Reads `path` of the API.
    ///
    /// # Errors
    ///
    /// When the API does not answer, or answers with a problem.
    pub async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.send(Method::GET, path, None).await
    }

    /// Posts to `path` of the API.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: Value) -> Result<Value, DemoError> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Changes what is at `path` of the API.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value, DemoError> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Follows Google's consent as a browser would, up to the product's own callback.
    pub async fn consent(&self, url: &str) -> Result<Value, DemoError> {
        let answer = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|e| DemoError::new("consent does not answer", e.to_string()))?;
        let callback = answer
            .headers()
            .get(reqwest::header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| {
                DemoError::new("consent did not lead back", answer.status().to_string())
            })?
            .to_owned();
        let answer = self
            .http
            .get(callback)
            .header("accept", "application/json")
            .send()
            .await
            .map_err(|e| DemoError::new("the callback does not answer", e.to_string()))?;
        read("the callback", answer).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, DemoError> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.api))
            .bearer_auth(&self.token);
        if method == Method::POST {
            request = request.header("idempotency-key", Uuid::new_v4().to_string());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let what = format!("{method} {path}");
        let answer = request.send().await.map_err(|error| {
            DemoError::new(format!("{what} does not answer"), error.to_string())
        })?;
        read(&what, answer).await
    }
}

async fn read(what: &str, answer: reqwest::Response) -> Result<Value, DemoError> {
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    if status == StatusCode::NO_CONTENT {
        return Ok(Value::Null);
    }
    let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    if status.is_success() {
        return Ok(value);
    }
    let detail = value["detail"]
        .as_str()
        .or(value["title"].as_str())
        .unwrap_or_default();
    Err(DemoError::new(
        format!(
            "{what} was refused with {status} {}",
            value["code"].as_str().unwrap_or_default()
        ),
        detail,
    ))
}
