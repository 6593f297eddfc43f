//! The product's API, as one caller sees it.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::Answer;

/// A caller, with or without a token.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

impl Api {
    pub(super) fn new(http: Client, base: String, token: Option<&str>) -> Self {
        Self {
            http,
            base,
            token: token.map(str::to_owned),
        }
    }

    /// A request to be completed by hand: other headers, a raw body.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// `POST` with an `Idempotency-Key`.
    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path);
        Answer::of(request.header("idempotency-key", key).json(body)).await
    }

    /// `POST` with bytes that may be no JSON at all.
    pub(crate) async fn post_raw(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", content_type);
        Answer::of(request.body(body.into())).await
    }

    /// `PATCH` with a JSON body.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// `PATCH` of the version that the caller has read.
    pub(crate) async fn patch_if(&self, path: &str, etag: &str, body: &Value) -> Answer {
        let request = self.request(Method::PATCH, path);
        Answer::of(request.header("if-match", etag).json(body)).await
    }

    /// `DELETE`.
    /// Cancels what is at `path`, and reads what has become of it.
    pub(crate) async fn cancel(&self, path: &str) -> Answer {
        let answer = self.delete(path).await;
        assert!(matches!(answer.status, 202 | 204), "{answer}");
        assert!(answer.body.is_empty(), "DELETE answers no body: {answer}");
        if answer.status == 202 {
            assert_eq!(answer.header("location"), Some(path), "{answer}");
        }
        self.get(path).await.status(200)
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// The items of all pages of a list, so many to a page. Fails when the pages do not end.
    pub(crate) async fn all_items(&self, path: &str, limit: usize) -> Vec<Value> {
        const MOST_PAGES: usize = 60;
        let and = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let address = format!("{path}{and}limit={limit}{cursor}");
            let page = self.get(&address).await.status(200);
            let found = page.items();
            assert!(found.len() <= limit, "{page}");
            items.extend(found.iter().cloned());
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
        panic!("{path} has no last page");
    }
}
