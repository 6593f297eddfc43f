//! A user who has signed up, and their way through Google's consent page.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Account, Answer, Api, Stack};

/// A user who has signed up.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) api: Api,
    stack: Arc<Stack>,
}

impl User {
    /// The user of a session of the auth service.
    pub(super) fn of(stack: &Arc<Stack>, session: &Value, email: String, password: String) -> Self {
        let text = |pointer: &str| {
            let text = session.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_else(|| panic!("no {pointer} in {session}"))
                .to_owned()
        };
        let access_token = text("/access_token");
        Self {
            id: text("/user/id").parse().expect("a user id"),
            email,
            password,
            api: stack.api(Some(&access_token)),
            access_token,
            refresh_token: text("/refresh_token"),
            stack: Arc::clone(stack),
        }
    }

    /// The same user with a newer token.
    pub(crate) async fn refreshed(&self) -> Self {
        let token = json!({ "refresh_token": self.refresh_token });
        let session = self.stack.auth("token?grant_type=refresh_token", &token);
        let session = session.await;
        Self::of(
            &self.stack,
            &session,
            self.email.clone(),
            self.password.clone(),
        )
    }

    /// Rows of the Data API, as this user sees them: `rows("videos?select=id")`.
    pub(crate) async fn rows(&self, path: &str) -> Answer {
        let url = format!("{}/rest/v1/{path}", self.stack.supabase_url);
        let request = self.stack.http.get(url);
        let request = request.header("apikey", &self.stack.publishable_key);
        Answer::of(request.bearer_auth(&self.access_token)).await
    }

    /// Starts a consent; the address of Google's page.
    pub(crate) async fn begin_consent(&self, body: &Value) -> String {
        let started = self.api.post("/api/channels/connect", body).await;
        started.status(200).text("/authorization_url")
    }

    /// Goes to Google's page for an account: where Google sends the browser.
    pub(crate) async fn approve(&self, page: &str, account: &str) -> String {
        let page = format!("{page}&login_hint={account}");
        let answer = Answer::of(self.stack.http.get(page)).await;
        answer
            .header("location")
            .unwrap_or_else(|| panic!("the consent page led nowhere: {answer}"))
            .to_owned()
    }

    /// Follows Google back to the page that finishes the consent, and does what the page does.
    pub(crate) async fn return_from_google(&self, back: &str) -> Answer {
        let landed = Answer::of(self.stack.http.get(back)).await.status(303);
        let (_, brought) = landed
            .header("location")
            .unwrap_or_default()
            .split_once('#')
            .unwrap_or_else(|| panic!("what Google brought is not in a fragment: {landed}"));
        self.finish_consent(brought).await
    }

    /// Posts what stands in the fragment of the page.
    pub(crate) async fn finish_consent(&self, fragment: &str) -> Answer {
        let brought = reqwest::Url::parse(&format!("https://any.example/?{fragment}"));
        let brought = brought.expect("a fragment like a query");
        let pairs = brought.query_pairs().into_owned();
        let body: serde_json::Map<_, _> = pairs
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
        let path = "/api/channels/connect/finish";
        self.api.post(path, &Value::Object(body)).await
    }

    /// From the start of a consent to its result.
    pub(crate) async fn consent(&self, account: &str, body: &Value) -> Answer {
        let page = self.begin_consent(body).await;
        let back = self.approve(&page, account).await;
        self.return_from_google(&back).await
    }

    /// Connects an account's channel.
    pub(crate) async fn connect(&self, mut account: Account) -> Account {
        let channel = self.consent(&account.name, &json!({})).await.status(200);
        account.channel_id = channel.id().parse().ok();
        account
    }

    /// Makes a Google account whose channel has so many videos, and connects the channel.
    pub(crate) async fn connect_channel(&self, videos: usize) -> Account {
        self.connect(Account::with_videos(videos).await).await
    }
}
