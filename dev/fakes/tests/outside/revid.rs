//! Speaking to RevID.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, Servers, send, text};

/// A render request with this script.
pub(crate) fn render(text: &str) -> Value {
    json!({"workflow": "script-to-video", "source": {"text": text}, "aspectRatio": "9:16", "voice": {"enabled": true}, "captions": {"enabled": true}})
}

impl Servers {
    /// A request without a key.
    pub(crate) fn keyless(&self, path: &str) -> RequestBuilder {
        let url = format!("{}/api/public/v3/{path}", self.urls.revid);
        self.http.post(url).header("user-agent", "test/1")
    }

    pub(crate) fn revid(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/public/v3/{path}", self.urls.revid);
        self.http
            .request(method, url)
            .header("key", "k")
            .header("user-agent", "test/1")
    }

    pub(crate) async fn submit(&self, body: &Value) -> Answer {
        send(self.revid(Method::POST, "render").json(body)).await
    }

    /// Submits a render and returns its id.
    pub(crate) async fn pid(&self, body: &Value) -> String {
        text(&self.submit(body).await.json()["pid"]).to_owned()
    }

    /// The request for the status of a render.
    pub(crate) fn poll(&self, pid: &str) -> RequestBuilder {
        self.revid(Method::GET, &format!("status?pid={pid}"))
    }

    pub(crate) async fn status(&self, pid: &str) -> Value {
        send(self.poll(pid)).await.json()
    }
}
