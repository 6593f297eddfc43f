//! How the callback answers: a redirect for a front end, a page for a bare browser, JSON for a program.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use url::Url;
use vercel_runtime::ResponseBody;

use super::channel::{Channel, ChannelState};
use super::connect::{self, Callback, Finished};
use platform::endpoint::{Ctx, Problem, Raw, Reply};

/// Finishes a consent and answers in the form that the caller understands.
///
/// # Errors
///
/// For callers that asked for JSON: what [`connect::finish`] found wrong.
pub async fn land(ctx: &Ctx, callback: &Callback) -> Result<Reply<Raw>, Problem> {
    let caller = match ctx.header(AUTHORIZATION.as_str()) {
        Some(_) => Some(platform::auth::user(ctx.config(), ctx.headers()).await?.id),
        None => None,
    };
    let (engine, deadline) = (ctx.engine(), ctx.deadline());
    let finished = connect::finish(&engine, ctx.config(), caller, callback, deadline).await;
    if finished.channel.is_ok() {
        ctx.wake_dispatcher();
    }
    answer(ctx, finished)
}

fn answer(ctx: &Ctx, finished: Finished) -> Result<Reply<Raw>, Problem> {
    let wants_json = ctx
        .header(ACCEPT.as_str())
        .is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"));
    if wants_json {
        let body = serde_json::to_string(&finished.channel?).map_err(Problem::internal)?;
        return Ok(Reply::raw(response(
            StatusCode::OK,
            "application/json",
            body,
        )));
    }
    if let Err(problem) = &finished.channel {
        let error = problem.source_text();
        tracing::warn!(
            code = problem.kind().code(),
            error,
            "a consent did not end in a channel"
        );
    }
    Ok(Reply::raw(match &ctx.config().app.frontend_url {
        Some(frontend) => redirect(frontend, &finished),
        None => html_response(finished.channel, ctx.request_id()),
    }))
}

fn redirect(frontend: &Url, finished: &Finished) -> Response<ResponseBody> {
    let outcome = match &finished.channel {
        Ok(channel) => ("connected", channel.id.to_string()),
        Err(problem) => ("connect_error", problem.kind().code().to_owned()),
    };
    let address = return_address(frontend, &finished.return_to, outcome);
    let mut redirect = response(StatusCode::SEE_OTHER, "text/plain", String::new());
    if let Ok(address) = HeaderValue::from_str(address.as_str()) {
        redirect.headers_mut().insert(LOCATION, address);
    }
    redirect
}

/// The address on the front end that tells what came of a consent.
fn return_address(frontend: &Url, path: &str, (name, value): (&str, String)) -> Url {
    let mut url = frontend
        .join(path.trim_start_matches('/'))
        .ok()
        .filter(|url| url.origin() == frontend.origin())
        .unwrap_or_else(|| frontend.clone());
    url.query_pairs_mut().append_pair(name, &value);
    url
}

fn html_response(channel: Result<Channel, Problem>, request_id: &str) -> Response<ResponseBody> {
    let (status, page) = match channel {
        Ok(channel) => (StatusCode::OK, success_page(&channel)),
        Err(problem) => {
            let kind = problem.kind();
            let detail = problem.into_body(request_id).detail.unwrap_or_default();
            (kind.status(), page(kind.title(), &[&detail]))
        }
    };
    response(status, "text/html; charset=utf-8", page)
}

fn success_page(channel: &Channel) -> String {
    let name = format!("{} is connected.", channel.title);
    let next = if channel.state == ChannelState::Connected && channel.features.read {
        "Its videos are being synchronised. You can close this window."
    } else {
        "You can close this window."
    };
    let needs: Vec<&str> = channel
        .attention
        .iter()
        .map(|need| need.message.as_str())
        .collect();
    page(&name, &[&[next], needs.as_slice()].concat())
}

fn response(status: StatusCode, media_type: &'static str, body: String) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(bytes::Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    );
    response
}

/// A page with a title and paragraphs; empty ones are left out.
fn page(title: &str, paragraphs: &[&str]) -> String {
    let title = escape(title);
    let body: String = paragraphs
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| format!("<p>{}</p>", escape(text)))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:1rem/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    )
}

/// Titles of channels are anybody's text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_only_returns_to_the_front_end() {
        let frontend = Url::parse("https://app.example/").unwrap();
        let address =
            |path: &str| return_address(&frontend, path, ("connected", "x".into())).to_string();
        assert_eq!(
            address("/channels"),
            "https://app.example/channels?connected=x"
        );
        assert_eq!(address("/a?b=c"), "https://app.example/a?b=c&connected=x");
        assert!(address("/https://evil.example").starts_with("https://app.example/"));
    }

    #[test]
    fn a_title_cannot_leave_its_place() {
        let page = page("<script>alert('x')</script>", &["a & \"b\"", ""]);
        assert!(!page.contains("<script>"));
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
        assert!(page.contains("<p>a &amp; &quot;b&quot;</p>"));
        assert_eq!(page.matches("<p>").count(), 1);
    }
}
