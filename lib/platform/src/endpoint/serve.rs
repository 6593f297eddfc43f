//! From the runtime's request to the runtime's response.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;
use uuid::Uuid;
use vercel_runtime::{AppState, Request, ResponseBody};

use super::cache::{self, Cache};
use super::cors;
use super::ctx::{Background, Ctx, Idempotency};
use super::operation::{Access, Declaration, Limit, Operation};
use super::rate_limit::{self, RateLimitDecision};
use super::{Answer, BodyInput, Input, Kind, Problem, QueryInput, Reply};
use crate::config::{self, Config};
use crate::ids::UserId;
use crate::trace::Trace;
use crate::{auth, telemetry};

/// What `main` may end with.
pub type RuntimeError = vercel_runtime::Error;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

type Handler = Box<
    dyn Fn(
            Ctx,
            Vec<(String, String)>,
            Bytes,
        ) -> BoxFuture<'static, Result<Response<ResponseBody>, Problem>>
        + Send
        + Sync,
>;

/// An operation and its handler.
pub struct Route {
    declaration: &'static Declaration,
    reads_body: bool,
    handler: Handler,
}

impl Route {
    /// Largest body accepted. Some clients send a small one where there is none to send.
    fn body_limit(&self) -> usize {
        if self.reads_body {
            self.declaration.max_body
        } else {
            1024
        }
    }
}

/// Binds a handler to the operation it carries out.
pub fn on<Q, B, A, H, F>(operation: &'static Operation<Q, B, A>, handler: H) -> Route
where
    Q: QueryInput + 'static,
    B: BodyInput + 'static,
    A: Answer + 'static,
    H: Fn(Ctx, Input<Q, B>) -> F + Send + Sync + Clone + 'static,
    F: Future<Output = Result<Reply<A>, Problem>> + Send + 'static,
{
    Route {
        declaration: &operation.declaration,
        reads_body: B::READS,
        handler: Box::new(move |ctx, query, body| {
            let handler = handler.clone();
            Box::pin(async move {
                let input = Input {
                    query: Q::read(&query)?,
                    body: B::read(&ctx.headers, &body)?,
                };
                handler(ctx, input).await?.into_response()
            })
        }),
    }
}

/// Serves the operations below one path, such as `/api/channels`, until the host ends the process.
///
/// # Errors
///
/// Only what prevents listening.
pub async fn serve<const N: usize>(routes: [Route; N]) -> Result<(), RuntimeError> {
    telemetry::init();
    crate::uptime::started();
    let routes: Arc<[Route]> = Arc::new(routes);
    match config::get() {
        // While the runtime gets ready to listen.
        Ok(config)
            if routes
                .iter()
                .any(|route| route.declaration.access.signs_in()) =>
        {
            tokio::spawn(auth::prepare(config));
        }
        Ok(_) => {}
        Err(error) => tracing::error!(error = %error, "configuration is incomplete"),
    }
    #[cfg(feature = "lambda")]
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        return super::lambda::run(routes).await;
    }
    vercel_runtime::run(vercel_runtime::service_fn(
        move |request: Request, state: AppState| {
            let routes = Arc::clone(&routes);
            async move { answer(routes, request, state).await }
        },
    ))
    .await
}

async fn answer(routes: Arc<[Route]>, request: Request, state: AppState) -> Response<ResponseBody> {
    // The runtime waits for registered work only, so the request registers itself: the receiver resolves when the guard,
    // which moves into the body, is dropped.
    let (guard, done) = oneshot::channel::<()>();
    state.wait_until(async move {
        let _ = done.await;
    });
    let background: Background = Arc::new(move |work| state.wait_until(work));
    let response = respond(&routes, request, background).await;
    response.map(|body| {
        ResponseBody(
            Guarded {
                body,
                _guard: guard,
            }
            .boxed(),
        )
    })
}

/// Answers one request, whichever host brought it. Never fails and never panics.
pub(super) async fn respond<B>(
    routes: &[Route],
    request: http::Request<B>,
    background: Background,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<RuntimeError>,
{
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let request_id = request_id(&head.headers);
    let is_preflight = head.method == http::Method::OPTIONS;
    let keeper = Arc::clone(&background);
    let origin = config::get()
        .ok()
        .and_then(|config| cors::allowed_origin(config, &head.headers));
    let mut call = Call {
        routes,
        place: place(routes, head.uri.path()),
        request_id: request_id.clone(),
        operation: "unknown",
        user: None,
        limit: None,
    };
    let run = Trace::of_request(&request_id).follow(call.run(head, body, background));
    let result = match AssertUnwindSafe(run).catch_unwind().await {
        Ok(result) => result,
        Err(_) => Err(Problem::new(Kind::Internal).source(Panicked)),
    };
    let source = result.as_ref().err().and_then(Problem::source_text);
    let code = result.as_ref().err().map(|problem| problem.kind().code());
    let mut response = match result {
        Ok(response) => response,
        Err(problem) => problem_response(problem, &request_id, call.allow()),
    };
    let limit = call.limit.as_ref().filter(|limit| limit.is_enforced());
    finish(&mut response, &request_id, limit);
    cors::permit(response.headers_mut(), origin);
    let access = telemetry::Access {
        operation: call.operation,
        status: response.status().as_u16(),
        duration: started.elapsed(),
        request_id: &request_id,
        user: call.user,
        code,
        source,
    };
    telemetry::access_log(&access);
    let is_recorded = call.place.is_some() && !UNRECORDED.contains(&call.operation);
    if !is_preflight && is_recorded {
        telemetry::record(&access, &*keeper);
    }
    response
}

/// Probes of health have a log line and no record, and neither have requests of unknown paths: they may come from anybody
/// and in any number, and must not cause a single write.
const UNRECORDED: [&str; 2] = ["health.live", "health.get"];

/// One request on its way through the decisions: which, who, how often, what.
struct Call<'a> {
    routes: &'a [Route],
    /// The declared path that the request's is; none when it is unknown.
    place: Option<&'static str>,
    request_id: String,
    operation: &'static str,
    user: Option<UserId>,
    limit: Option<RateLimitDecision>,
}

impl Call<'_> {
    async fn run<B>(
        &mut self,
        head: http::request::Parts,
        body: B,
        background: Background,
    ) -> Result<Response<ResponseBody>, Problem>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<RuntimeError>,
    {
        // At an unknown path nothing is allowed, so OPTIONS is answered there like any other method.
        if self.place.is_some()
            && let Some(response) = cors::preflight(&head.method, &self.allow())
        {
            return Ok(response);
        }
        let found = find(self.routes, self.place, &head);
        let (mut time, mut limit) = (REFUSAL_TIME, 0);
        if let Ok((route, _)) = &found {
            self.operation = route.declaration.id;
            (time, limit) = (route.declaration.deadline(), route.body_limit());
        }
        let deadline = Instant::now() + time;
        let work = async {
            // Read before anything is refused: a connection with an unread rest on it cannot be used again, and a proxy
            // that keeps it finds that out with somebody else's request.
            let body = read_body(limit, &head.headers, body).await;
            let (route, path) = found.map_err(|kind| self.no_route(kind))?;
            let declaration = route.declaration;
            let config = config::get().map_err(|error| {
                Problem::new(Kind::NotConfigured)
                    .detail("This deployment's configuration is incomplete. Its operator finds the variable in the log.")
                    .source(error)
            })?;
            let caller = self.identify(config, declaration, &head.headers).await?;
            let reads_ahead =
                declaration.reads_ahead() && !self.user.is_some_and(rate_limit::is_refused);
            let cache = Cache::of(declaration, self.user, &head.uri, &head.headers);
            let reads_ahead = reads_ahead && !cache.as_ref().is_some_and(Cache::may_hold);
            if !reads_ahead {
                self.check_rate_limit(config, declaration).await?;
                if let Some(kept) = cache.as_ref().and_then(|cache| self.kept_answer(cache)) {
                    return Ok(kept);
                }
            }
            let query = query_pairs(head.uri.query().unwrap_or_default(), declaration)?;
            let body = body?;
            let idempotency = idempotency(declaration, &head, &body)?;
            let ctx = Ctx {
                declaration,
                config,
                caller,
                headers: head.headers,
                path,
                idempotency,
                request_id: self.request_id.clone(),
                deadline,
                background,
            };
            let answer = (route.handler)(ctx, query, body);
            let answer = if reads_ahead {
                // The answer's call takes longer, so it leaves first.
                let (answer, admitted) =
                    futures_util::join!(answer, self.check_rate_limit(config, declaration));
                admitted.and(answer)?
            } else {
                answer.await?
            };
            Ok(match (cache, &self.limit) {
                // Without the rate-limit decision nobody knows what the user has changed.
                (Some(cache), Some(admission)) => {
                    cache.take(answer, admission.seconds_since_write())
                }
                _ => answer,
            })
        };
        tokio::time::timeout(time, work)
            .await
            .unwrap_or_else(|_| {
                Err(Problem::new(Kind::DeadlineExceeded)
                    .detail("The request was not finished in time. Repeating it with the same Idempotency-Key is safe."))
            })
    }

    fn no_route(&self, kind: Kind) -> Problem {
        match kind {
            Kind::MethodNotAllowed => {
                Problem::new(kind).detail(format!("This address answers {}.", self.allow()))
            }
            _ => Problem::not_found(),
        }
    }

    /// The verbs of the path that is asked for.
    fn allow(&self) -> String {
        let verbs: Vec<_> = self
            .routes
            .iter()
            .filter(|route| Some(route.declaration.path) == self.place)
            .map(|route| route.declaration.verb.as_str())
            .collect();
        verbs.join(", ")
    }

    /// Who calls, by the token or the scheduler's secret.
    async fn identify(
        &mut self,
        config: &'static Config,
        declaration: &'static Declaration,
        headers: &HeaderMap,
    ) -> Result<Option<auth::Caller>, Problem> {
        match declaration.access {
            Access::Public => return Ok(None),
            Access::Cron => return auth::cron(config, headers).map(|()| None),
            Access::User | Access::Admin => {}
        }
        let caller = auth::user(config, headers).await?;
        self.user = Some(caller.id);
        if declaration.access == Access::Admin && caller.role.as_deref() != Some("admin") {
            return Err(Problem::new(Kind::AdminOnly)
                .detail("Your account is no administrator's. Another administrator can set app_metadata.role to admin; sign in again afterwards."));
        }
        Ok(Some(caller))
    }

    /// The answer that the instance keeps for this call.
    fn kept_answer(&self, cache: &Cache) -> Option<Response<ResponseBody>> {
        cache.kept_answer(self.limit.as_ref()?.seconds_since_write())
    }

    /// The limiter's word. Its state goes into the answer's headers whatever becomes of the call.
    async fn check_rate_limit(
        &mut self,
        config: &'static Config,
        declaration: &'static Declaration,
    ) -> Result<(), Problem> {
        if let Some(user) = self.user {
            if matches!(declaration.limit, Limit::Write | Limit::Spend) {
                cache::forget(user);
            }
            self.limit = rate_limit::ask(config, declaration.limit, user).await?;
        }
        self.limit
            .as_ref()
            .map_or(Ok(()), RateLimitDecision::verdict)
    }
}

/// A route and what its placeholders stand for.
type Match<'a> = (&'a Route, Vec<(&'static str, String)>);

/// The declared path that a request's is: of those that fit, the one with the fewest placeholders, so that
/// `/api/channels/connect` is no channel's id.
fn place(routes: &[Route], path: &str) -> Option<&'static str> {
    routes
        .iter()
        .map(|route| route.declaration)
        .filter(|declaration| match_path(declaration.path, path).is_some())
        .min_by_key(|declaration| declaration.placeholders().count())
        .map(|declaration| declaration.path)
}

/// The operation of a place that has the request's verb.
fn find<'a>(
    routes: &'a [Route],
    place: Option<&'static str>,
    head: &http::request::Parts,
) -> Result<Match<'a>, Kind> {
    let place = place.ok_or(Kind::NotFound)?;
    let route = routes
        .iter()
        .filter(|route| route.declaration.path == place)
        .find(|route| route.declaration.verb.as_str() == head.method.as_str())
        .ok_or(Kind::MethodNotAllowed)?;
    let path = match_path(place, head.uri.path()).ok_or(Kind::NotFound)?;
    Ok((route, path))
}

/// Matches by position; a placeholder takes one segment, decoded once.
fn match_path(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) => {
                let value = percent_encoding::percent_decode_str(segment)
                    .decode_utf8()
                    .map_or_else(|_| "\u{fffd}".to_owned(), std::borrow::Cow::into_owned);
                values.push((name, value));
            }
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(values)
}

/// The query's pairs without the copies of path placeholders that the platform appends.
fn query_pairs(query: &str, declaration: &Declaration) -> Result<Vec<(String, String)>, Problem> {
    let placeholders: Vec<_> = declaration.placeholders().collect();
    let mut pairs = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_encoding::percent_decode_str(&text)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .ok()
                .filter(|text| !text.contains('\0'))
        };
        // The path itself says what its placeholders stand for; a copy that cannot be decoded is no fault of the query.
        let name = decode(name);
        if name
            .as_deref()
            .is_some_and(|name| placeholders.contains(&name))
        {
            continue;
        }
        let (Some(name), Some(value)) = (name, decode(value)) else {
            return Err(Problem::new(Kind::InvalidQuery)
                .detail("The query string must be percent-encoded UTF-8 without U+0000."));
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

async fn read_body<B>(limit: usize, headers: &HeaderMap, body: B) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes>,
    B::Error: Into<RuntimeError>,
{
    let too_large = || {
        Problem::new(Kind::BodyTooLarge).detail(format!("The body may have at most {limit} bytes."))
    };
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_DRAINED) {
        return Err(too_large());
    }
    // A body that is too large is still read to its end: a sender that is cut off while it sends sees a broken
    // connection instead of the answer.
    let mut body = std::pin::pin!(body);
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(0).min(limit));
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(Kind::InvalidJson)
                .detail("The body ended before it was complete.")
                .source(error)
        })?;
        if let Ok(data) = frame.into_data() {
            seen += data.len();
            if seen <= limit {
                bytes.extend_from_slice(&data);
            } else if seen > MAX_DRAINED {
                break;
            }
        }
    }
    if seen > limit {
        return Err(too_large());
    }
    Ok(bytes.freeze())
}

/// How long the body of a request may take that nothing answers.
const REFUSAL_TIME: Duration = Duration::from_secs(10);

/// How much of a body that is refused for its size is read: as much as the platform lets through.
const MAX_DRAINED: usize = 4_500_000;

fn idempotency(
    declaration: &Declaration,
    head: &http::request::Parts,
    body: &Bytes,
) -> Result<Option<Idempotency>, Problem> {
    let Some(key) = head
        .headers
        .get("idempotency-key")
        .filter(|_| declaration.idempotent)
    else {
        return Ok(None);
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=255).contains(&key.len()))
        .ok_or_else(|| {
            Problem::new(Kind::InvalidHeader)
                .detail("Idempotency-Key must have 1 to 255 visible ASCII characters; a UUID is a good choice.")
        })?;
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [
        head.method.as_str().as_bytes(),
        head.uri.path().as_bytes(),
        body,
    ] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let fingerprint = context
        .finish()
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Some(Idempotency {
        key: key.to_owned(),
        fingerprint,
    }))
}

/// The caller's request id when it is a modest token, otherwise a new one.
fn request_id(headers: &HeaderMap) -> String {
    headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| {
            (8..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        })
        .map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned)
}

fn problem_response(problem: Problem, request_id: &str, allow: String) -> Response<ResponseBody> {
    let kind = problem.kind();
    let retry_after = problem.retry_after_seconds();
    let body = serde_json::to_vec(&problem.into_body(request_id)).unwrap_or_default();
    let mut response = Response::new(ResponseBody::from(Bytes::from(body)));
    *response.status_mut() = kind.status();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if let Some(seconds) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match kind.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            if let Ok(value) = HeaderValue::from_str(&allow) {
                headers.insert(ALLOW, value);
            }
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(
                http::header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer"),
            );
        }
        _ => {}
    }
    response
}

/// Headers that every answer carries. A handler's own `Cache-Control` is an explicit choice and stays.
fn finish(
    response: &mut Response<ResponseBody>,
    request_id: &str,
    limit: Option<&RateLimitDecision>,
) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        (
            "strict-transport-security",
            "max-age=63072000; includeSubDomains; preload",
        ),
        ("referrer-policy", "no-referrer"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if let Some(limit) = limit {
        for (name, value) in [
            (RATE_LIMIT_POLICY, limit.policy()),
            (RATE_LIMIT, limit.state()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

/// A body that keeps the request's guard until it was sent.
struct Guarded {
    body: ResponseBody,
    _guard: oneshot::Sender<()>,
}

impl Body for Guarded {
    type Data = Bytes;
    type Error = vercel_runtime::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_taken_by_position_and_decoded_once() {
        let path = match_path("/api/videos/{id}", "/api/videos/a%2Fb%20c").unwrap();
        assert_eq!(path, vec![("id", "a/b c".to_owned())]);
        assert!(match_path("/api/videos/{id}", "/api/videos").is_none());
        assert!(match_path("/api/videos/{id}", "/api/videos/a/b").is_none());
        assert!(match_path("/api/videos", "/api/videos/").is_some());
    }

    #[test]
    fn the_platforms_copy_of_a_placeholder_is_not_a_parameter() {
        let declaration =
            Operation::<super::super::Empty, super::super::Empty, super::super::Empty>::get(
                "t.get",
                "/api/t/{id}",
            )
            .declaration;
        let pairs = query_pairs("limit=5&id=zzz", &declaration).unwrap();
        assert_eq!(pairs, vec![("limit".to_owned(), "5".to_owned())]);
        assert!(query_pairs("id=%ff", &declaration).unwrap().is_empty());
        assert!(query_pairs("a=%ff", &declaration).is_err());
    }

    type Plain = Operation<super::super::Empty, super::super::Empty, super::super::Empty>;

    static LIST: Plain = Operation::get("t.list", "/api/t");
    static GET: Plain = Operation::get("t.get", "/api/t/{id}");
    static ERASE: Plain = Operation::delete("t.erase", "/api/t/{id}");
    static CONNECT: Plain = Operation::post("t.connect", "/api/t/connect");
    static SYNC: Plain = Operation::post("t.sync", "/api/t/{id}/sync");
    static SHARED: Plain = Operation::get("t.shared", "/api/t/{id}/{part}");

    /// As a function binds them; the path with a placeholder stands before the fixed one on purpose.
    fn routes() -> [Route; 6] {
        [&LIST, &GET, &ERASE, &CONNECT, &SHARED, &SYNC]
            .map(|operation| on(operation, |_, _| async { Ok(Reply::no_content()) }))
    }

    fn head(method: &str, target: &str) -> http::request::Parts {
        let request = http::Request::builder().method(method).uri(target);
        request.body(()).unwrap().into_parts().0
    }

    /// The operation's id and its placeholders' values.
    fn found(method: &str, target: &str) -> Result<(&'static str, Vec<String>), Kind> {
        let (routes, head) = (routes(), head(method, target));
        let (route, path) = find(&routes, place(&routes, head.uri.path()), &head)?;
        let values = path.into_iter().map(|(_, value)| value).collect();
        Ok((route.declaration.id, values))
    }

    async fn answer(method: &str, target: &str) -> Response<ResponseBody> {
        let request =
            http::Request::from_parts(head(method, target), http_body_util::Empty::<Bytes>::new());
        respond(&routes(), request, Arc::new(|_| {})).await
    }

    #[test]
    fn a_fixed_path_goes_before_one_with_a_placeholder() {
        let none = Vec::<String>::new;
        let one = |value: &str| vec![value.to_owned()];
        assert_eq!(found("GET", "/api/t"), Ok(("t.list", none())));
        assert_eq!(found("GET", "/api/t/"), Ok(("t.list", none())));
        assert_eq!(found("GET", "/api/t/7"), Ok(("t.get", one("7"))));
        assert_eq!(found("DELETE", "/api/t/7/"), Ok(("t.erase", one("7"))));
        assert_eq!(found("POST", "/api/t/connect"), Ok(("t.connect", none())));
        assert_eq!(found("POST", "/api/t/7/sync"), Ok(("t.sync", one("7"))));
        let two = vec!["7".to_owned(), "more".to_owned()];
        assert_eq!(found("GET", "/api/t/7/more"), Ok(("t.shared", two)));
    }

    #[test]
    fn the_path_is_chosen_before_the_verb() {
        // Although `/api/t/{id}` has GET and DELETE, and `/api/t/{id}/{part}` has GET.
        for (method, target) in [
            ("GET", "/api/t/connect"),
            ("DELETE", "/api/t/connect"),
            ("GET", "/api/t/7/sync"),
            ("POST", "/api/t/7"),
            ("HEAD", "/api/t"),
        ] {
            assert_eq!(
                found(method, target),
                Err(Kind::MethodNotAllowed),
                "{method} {target}"
            );
        }
        for target in ["/api/t/7/sync/now", "/api", "/api/u", "/", "/api//t"] {
            assert_eq!(found("GET", target), Err(Kind::NotFound), "{target}");
        }
    }

    #[tokio::test]
    async fn a_wrong_verb_and_a_preflight_are_told_the_verbs_of_that_path_alone() {
        for (target, verbs) in [
            ("/api/t", "GET"),
            ("/api/t/7", "GET, DELETE"),
            ("/api/t/connect", "POST"),
            ("/api/t/7/sync", "POST"),
        ] {
            let refused = answer("PUT", target).await;
            assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{target}");
            assert_eq!(refused.headers()[ALLOW], verbs, "{target}");
            let preflight = answer("OPTIONS", target).await;
            assert_eq!(preflight.status(), StatusCode::NO_CONTENT, "{target}");
            assert_eq!(preflight.headers()[ALLOW], verbs, "{target}");
        }
    }

    #[tokio::test]
    async fn an_unknown_path_is_a_problem_whatever_the_method() {
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            let refused = answer(method, "/api/nothing").await;
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{method}");
            assert_eq!(refused.headers()[CONTENT_TYPE], "application/problem+json");
            assert!(!refused.headers().contains_key(ALLOW), "{method}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_target_is_read_without_panic(path in "\\PC{0,80}", query in "[ -~]{0,80}") {
            let declaration = Operation::<
                super::super::Empty,
                super::super::Empty,
                super::super::Empty,
            >::get("t.get", "/api/t/{id}")
            .declaration;
            let _ = match_path(declaration.path, &path);
            let _ = match_path(declaration.path, &format!("/api/t/{path}"));
            for (name, value) in query_pairs(&query, &declaration).unwrap_or_default() {
                proptest::prop_assert!(!name.contains('\0') && !value.contains('\0') && name != "id");
            }
        }
    }
}
