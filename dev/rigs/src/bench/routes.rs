//! The measured routes: what is asked of us and of the peer, and what of PostgREST directly with the same effect.

use serde_json::{Value, json};
use uuid::Uuid;

use super::server::Function;
use super::testbed::Testbed;
use super::wire::Request;

/// A route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Videos with their scores.
    List,
    /// One video with its series and the reason for its score.
    Detail(Uuid),
    /// One more entry in the schedule, under an idempotency key.
    Create(Uuid),
    /// The operator's metrics.
    Metrics,
}

impl Route {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "list videos with scores",
            Self::Detail(_) => "one video with its series",
            Self::Create(_) => "create a schedule entry",
            Self::Metrics => "admin metrics",
        }
    }

    pub(super) fn function(self) -> Function {
        let (binary, peer) = match self {
            Self::List => ("api_videos", "videos"),
            Self::Detail(_) => ("api_videos", "video"),
            Self::Create(_) => ("api_schedule", "schedule"),
            Self::Metrics => ("api_admin", "metrics"),
        };
        Function { binary, peer }
    }

    /// The next request to the function. Every creation is of a render of its own.
    pub(super) fn request(self, testbed: &Testbed) -> Request {
        let token = match self {
            Self::Metrics => testbed.admin.token(),
            _ => testbed.user.token(),
        };
        let bearer = format!("Bearer {token}");
        match self {
            Self::List => get("/api/videos", &bearer),
            Self::Detail(id) => get(&format!("/api/videos/{id}"), &bearer),
            Self::Metrics => get("/api/admin/metrics", &bearer),
            Self::Create(_) => create(
                &bearer,
                &entry(testbed.take_render()),
                &Uuid::new_v4().to_string(),
            ),
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
            let caller = if self == Self::Metrics {
                &testbed.admin
            } else {
                &testbed.user
            };
            engine(
                "check_rate_limit",
                json!({"p_user": caller.id(), "p_class": class, "p_per_minute": 1_000_000}),
            )
        };
        match self {
            Self::List => vec![vec![
                rate_limit("read"),
                user("list_videos", json!({"p_sort": "published", "p_limit": 26})),
            ]],
            Self::Detail(id) => vec![vec![
                rate_limit("read"),
                user("video_details", json!({"p_video": id})),
            ]],
            Self::Metrics => vec![vec![rate_limit("read"), engine("admin_metrics", json!({}))]],
            Self::Create(_) => {
                let mut upload = entry(testbed.take_render());
                upload["title_key"] = upload["title"]
                    .as_str()
                    .unwrap_or_default()
                    .to_lowercase()
                    .into();
                upload["description"] = "".into();
                upload["tags"] = json!([]);
                upload["category_id"] = "22".into();
                let key = json!({"key": Uuid::new_v4(), "fingerprint": Uuid::new_v4().simple()});
                vec![
                    vec![rate_limit("write")],
                    vec![engine(
                        "schedule_upload",
                        json!({"p_user": testbed.user.id(), "p_idempotency": key, "p_upload": upload}),
                    )],
                ]
            }
        }
    }
}

fn get(path: &str, bearer: &str) -> Request {
    Request::new("GET", path, &[("authorization", bearer)], b"")
}

/// `POST /api/schedule`.
pub(super) fn create(bearer: &str, entry: &Value, key: &str) -> Request {
    let headers = [("authorization", bearer), ("idempotency-key", key)];
    Request::new(
        "POST",
        "/api/schedule",
        &headers,
        entry.to_string().as_bytes(),
    )
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
