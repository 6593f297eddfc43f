//! The product's API over HTTP, called by a signed-in user as a front end calls it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use catalyst_cli::error::{Error, Result};
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::http_client;

/// As long as the slowest operation may take.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Where the parts of a running stack are reached: base addresses, without a slash at the end.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The functions.
    pub api: String,
    /// The Supabase gateway.
    pub supabase: String,
    /// The gateway's publishable key.
    pub publishable_key: String,
    /// The stand-in of Google.
    pub google: String,
    /// The stand-in of YouTube.
    pub youtube: String,
    /// The stand-in of RevID.
    pub revid: String,
}

impl Addresses {
    /// Those that a stack's variables name.
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| environment.get(name).cloned().unwrap_or_default();
        Self {
            api: value("APP_URL"),
            supabase: value("SUPABASE_URL"),
            publishable_key: value("SUPABASE_PUBLISHABLE_KEY"),
            google: value("FAKE_GOOGLE_URL"),
            youtube: value("FAKE_YOUTUBE_URL"),
            revid: value("FAKE_REVID_URL"),
        }
    }
}

/// A signed-in user of the API.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    api: String,
    token: String,
    id: Uuid,
}

/// How far something is that a client waits for.
#[derive(Debug)]
pub enum Progress {
    /// It is there.
    Done,
    /// It is not there yet, and where it stands.
    Pending(String),
    /// It will not come any more, and why.
    Failed(String),
}

impl Client {
    /// Signs a new user up, as a front end does with supabase-js.
    ///
    /// # Errors
    ///
    /// When the stack does not let anybody sign up.
    pub async fn sign_up(addresses: &Addresses) -> Result<Self> {
        let email = format!("{}@example.org", Uuid::new_v4().simple());
        Self::sign_up_as(addresses, &email, None).await
    }

    /// Signs a user up with this address, which no account may have.
    ///
    /// # Errors
    ///
    /// As [`Client::sign_up`].
    pub async fn sign_up_with(addresses: &Addresses, email: &str) -> Result<Self> {
        Self::sign_up_as(addresses, email, None).await
    }

    /// Signs a new operator up, by the stack's secret key.
    ///
    /// # Errors
    ///
    /// As [`Client::sign_up`].
    pub async fn sign_up_admin(addresses: &Addresses, secret_key: &str) -> Result<Self> {
        let email = format!("{}@example.org", Uuid::new_v4().simple());
        Self::sign_up_as(addresses, &email, Some(secret_key)).await
    }

    async fn sign_up_as(
        addresses: &Addresses,
        email: &str,
        secret_key: Option<&str>,
    ) -> Result<Self> {
        let http = http_client::with_timeout(TIMEOUT)?;
        let auth = format!("{}/auth/v1", addresses.supabase);
        let login = json!({"email": email, "password": Uuid::new_v4()});
        let post = async |path: &str| {
            let request = http
                .post(format!("{auth}/{path}"))
                .header("apikey", &addresses.publishable_key)
                .json(&login);
            http_client::send(request).await
        };
        let mut session = post("signup").await?;
        let id = id(&session["user"])?;
        if let Some(secret_key) = secret_key {
            let promote = http
                .put(format!("{auth}/admin/users/{id}"))
                .header("apikey", secret_key)
                .json(&json!({"app_metadata": {"role": "admin"}}));
            http_client::send(promote).await?;
            session = post("token?grant_type=password").await?;
        }
        let token = session["access_token"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            http,
            api: addresses.api.clone(),
            token,
            id,
        })
    }

    /// The user's id.
    pub fn id(&self) -> Uuid {
        self.id
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
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// Posts to `path` of the API, under an idempotency key of its own.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Changes what is at `path` of the API.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Deletes what is at `path` of the API.
    ///
    /// # Errors
    ///
    /// As [`Client::get`].
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.send(Method::DELETE, path, None).await
    }

    /// Whether an address answers with success to somebody without a token.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn public(&self, url: &str) -> Result<bool> {
        let answer = self.http.get(url).send().await;
        let status = answer.map(|answer| answer.status().is_success());
        status.map_err(|error| Error::setup(format!("{url} does not answer"), error.to_string()))
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let url = format!("{}{path}", self.api);
        let mut request = self
            .http
            .request(method.clone(), url)
            .bearer_auth(&self.token);
        if method == Method::POST {
            request = request.header("idempotency-key", Uuid::new_v4().to_string());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        http_client::send(request).await
    }

    /// Goes through Google's consent page as a browser would; the address that it leads back to.
    ///
    /// # Errors
    ///
    /// When the product or the stand-in of Google refuses.
    pub async fn consent(&self, account: &str) -> Result<String> {
        let started = self
            .post("/api/channels/connect", json!({"login_hint": account}))
            .await?;
        let page = started["authorization_url"].as_str().unwrap_or_default();
        let response =
            self.http.get(page).send().await.map_err(|error| {
                Error::setup("the consent page does not answer", error.to_string())
            })?;
        let back = http_client::location(&response).map(ToOwned::to_owned);
        back.ok_or_else(|| {
            Error::setup(
                "the consent page did not lead back",
                response.status().to_string(),
            )
        })
    }

    /// Connects an account's channel, and gives the channel's id.
    ///
    /// # Errors
    ///
    /// As [`Client::consent`].
    pub async fn connect(&self, account: &str) -> Result<Uuid> {
        let callback = self.consent(account).await?;
        let path = "/api/channels/connect/finish";
        id(&self.post(path, self.brought(&callback).await?).await?)
    }

    /// Follows a callback to the page that finishes the consent; what its fragment holds, as the page posts it.
    ///
    /// # Errors
    ///
    /// When the callback does not lead to a page.
    pub async fn brought(&self, callback: &str) -> Result<Value> {
        let response = self.http.get(callback).send().await;
        let response = response
            .map_err(|error| Error::setup("the callback does not answer", error.to_string()))?;
        let page = http_client::location(&response).and_then(|page| page.split_once('#'));
        let Some((page, fragment)) = page else {
            let status = response.status().to_string();
            return Err(Error::setup("the callback did not lead on", status));
        };
        let brought = Url::parse(&format!("{page}?{fragment}"))
            .map_err(|error| Error::setup("the callback led astray", error.to_string()))?;
        let pairs = brought.query_pairs().into_owned();
        Ok(pairs
            .map(|(name, value)| (name, Value::from(value)))
            .collect::<Map<_, _>>()
            .into())
    }

    /// Reads `path` again and again until `look` says that it is done; the last answer.
    ///
    /// # Errors
    ///
    /// When it fails or takes longer than `patience`.
    pub async fn wait(
        &self,
        path: &str,
        patience: Duration,
        every: Duration,
        mut look: impl FnMut(&Value) -> Progress,
    ) -> Result<Value> {
        let began = Instant::now();
        loop {
            let value = self.get(path).await?;
            match look(&value) {
                Progress::Done => return Ok(value),
                Progress::Failed(why) => {
                    let failed = format!("{path} came to a state it should not");
                    return Err(Error::setup(failed, why));
                }
                Progress::Pending(state) if began.elapsed() > patience => {
                    let late = format!("{path} took longer than {} s", patience.as_secs());
                    return Err(Error::setup(late, state));
                }
                Progress::Pending(_) => tokio::time::sleep(every).await,
            }
        }
    }
}

/// The id of an object that the API shows.
///
/// # Errors
///
/// When it has none.
pub fn id(object: &Value) -> Result<Uuid> {
    let id = object["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::setup("an object without an id", object.to_string()))
}

/// Whether a channel's insights say that it was scored after it was last synchronised.
pub fn is_scored(insights: &Value) -> bool {
    let at = |name: &str| insights[name].as_str()?.parse::<jiff::Timestamp>().ok();
    at("last_synced_at").is_some_and(|synced| at("last_scored_at") > Some(synced))
}
