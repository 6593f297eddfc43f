//! The measured routes: what is asked of us and of the peer, and what of PostgREST directly with the same effect.

use serde_json::{Value, json};
use stack::api_client::Client;
use uuid::Uuid;

use super::{testbed::Testbed, wire::Request};

/// A function by the names it has on each side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) binary: &'static str,
    pub(super) peer: &'static str,
}

/// It has no counterpart in TypeScript.
pub(super) const DISPATCHER: Function = Function {
    binary: "api_cron",
    peer: "",
};

/// Wakes the dispatcher.
pub(super) fn wake(testbed: &Testbed) -> Request {
    let secret = format!("Bearer {}", testbed.variable("CRON_SECRET"));
    let headers = [("authorization", secret.as_str())];
    Request::new("POST", "/api/cron/dispatch", &headers, b"{}")
}

/// A route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Videos with their scores.
    List,
    /// One video with its series and the reason for its score.
    Detail(Uuid),
    /// One more entry in the schedule, under an idempotency key.
    Create,
    /// The operator's metrics.
    Metrics,
}

impl Route {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "list videos with scores",
            Self::Detail(_) => "one video with its series",
            Self::Create => "create a schedule entry",
            Self::Metrics => "admin metrics",
        }
    }

    pub(super) fn function(self) -> Function {
        let (binary, peer) = match self {
            Self::List => ("api_videos", "videos"),
            Self::Detail(_) => ("api_videos", "video"),
            Self::Create => ("api_schedule", "schedule"),
            Self::Metrics => ("api_admin", "metrics"),
        };
        Function { binary, peer }
    }

    fn caller(self, testbed: &Testbed) -> &Client {
        match self {
            Self::Metrics => &testbed.admin,
            _ => &testbed.user,
        }
    }

    /// The next request to the function. Every creation is of a render of its own.
    pub(super) fn request(self, testbed: &Testbed) -> Request {
        let bearer = format!("Bearer {}", self.caller(testbed).token());
        match self {
            Self::List => get("/api/videos", &bearer),
            Self::Detail(id) => get(&format!("/api/videos/{id}"), &bearer),
            Self::Metrics => get("/api/admin/metrics", &bearer),
            Self::Create => {
                let (entry, key) = (entry(testbed.take_render()), Uuid::new_v4().to_string());
                let headers = [("authorization", &*bearer), ("idempotency-key", &*key)];
                Request::new(
                    "POST",
                    "/api/schedule",
                    &headers,
                    entry.to_string().as_bytes(),
                )
            }
        }
    }

    /// The same effect by calls of PostgREST itself; those of one group are sent at once, the groups one after the other.
    pub(super) fn direct(self, testbed: &Testbed) -> Vec<Vec<Request>> {
        let user = |function: &str, body: Value| {
            let key = testbed.variable("SUPABASE_PUBLISHABLE_KEY");
            rpc(function, &body, "public", key, testbed.user.token())
        };
        let engine = |function: &str, body: Value| {
            let key = testbed.variable("SUPABASE_SECRET_KEY");
            rpc(function, &body, "engine", key, key)
        };
        let rate_limit = |class: &str| {
            let limit = json!({"p_user": self.caller(testbed).id(), "p_class": class, "p_per_minute": null, "p_divisor": 1});
            engine("check_rate_limit", limit)
        };
        let read = match self {
            Self::List => user("list_videos", json!({"p_sort": "newest", "p_limit": 26})),
            Self::Detail(id) => user("video_details", json!({"p_video": id})),
            Self::Metrics => engine("admin_metrics", json!({})),
            Self::Create => {
                let mut upload = entry(testbed.take_render());
                let title = upload["title"].as_str().unwrap_or_default().to_lowercase();
                upload["title_key"] = title.into();
                upload["description"] = "".into();
                upload["tags"] = json!([]);
                upload["category_id"] = "22".into();
                let key = json!({"key": Uuid::new_v4(), "fingerprint": Uuid::new_v4().simple()});
                let upload =
                    json!({"p_user": testbed.user.id(), "p_idempotency": key, "p_upload": upload});
                return vec![
                    vec![rate_limit("write")],
                    vec![engine("schedule_upload", upload)],
                ];
            }
        };
        vec![vec![rate_limit("read"), read]]
    }
}

fn get(path: &str, bearer: &str) -> Request {
    Request::new("GET", path, &[("authorization", bearer)], b"")
}

/// An entry in the schedule that nothing stands in the way of.
pub(super) fn entry(render: Uuid) -> Value {
    // A day for each: the figures of a calendar that people keep, not of thousands of entries in one week.
    static DAYS: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(2);
    let days = DAYS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    json!({
        "render_id": render, "title": format!("Entry {}", render.simple()), "made_for_kids": false, "altered_content": true,
        "publish_at": at.round(jiff::Unit::Second).unwrap_or(at),
    })
}

/// A call of a function of the database.
fn rpc(function: &str, body: &Value, schema: &str, key: &str, token: &str) -> Request {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("apikey", key),
        ("authorization", bearer.as_str()),
        ("content-profile", schema),
    ];
    let target = format!("/rest/v1/rpc/{function}");
    Request::new("POST", &target, &headers, body.to_string().as_bytes())
}
