//! One request on its way to its response: which operation it asks for, who calls, and how often.

use std::time::{Duration, Instant};
use std::{panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, Response, request::Parts};
use hyper::body::Body;
use uuid::Uuid;
use vercel_runtime::ResponseBody;

use super::admission::{Admission, Cache};
use super::ctx::{Background, Ctx};
use super::declaration::{Access, Declaration};
use super::request::{idempotency, query_pairs, read_body, request_id};
use super::response::{
    add_headers, allowed_origin, challenge, permit, preflight, problem_response, without_body,
};
use super::route::{Route, allow, find, match_declared};
use crate::auth::{self, Caller};
use crate::config::{self, Config};
use crate::problem::{Kind, Problem};
use crate::telemetry::{self, Request};
use crate::{clock, ids::UserId, trace::Trace};

/// Probes of health have a log line and no record, and neither have requests of unknown paths: they may come from anybody
/// and in any number, and must not cause a single write.
const UNRECORDED: [&str; 2] = ["getLiveness", "getHealth"];

/// Answers one request. Never fails and never panics.
pub(super) async fn respond<B>(
    routes: &[Route],
    request: http::Request<B>,
    background: Background,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<vercel_runtime::Error>,
{
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let request_id = request_id(&head.headers);
    let (is_preflight, is_head) = (head.method == Method::OPTIONS, head.method == Method::HEAD);
    let config = config::get().ok();
    let origin = config.and_then(|config| allowed_origin(config, &head.headers));
    let mut call = Call::new(routes, head.uri.path(), &request_id);
    let run = call.run(head, body, Arc::clone(&background));
    let run = Trace::of_request(&request_id).follow(run);
    let result = AssertUnwindSafe(run)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Problem::internal(telemetry::Panicked::here())));
    let code = result.as_ref().err().map(|problem| problem.kind().code());
    let causes = result.as_ref().err().map_or_else(Vec::new, Problem::causes);
    let mut response =
        result.unwrap_or_else(|problem| problem_response(problem, &request_id, &call.allow()));
    if let (Some(config), Some(path)) = (config, call.agents_path()) {
        challenge(&mut response, &config.app.url, path);
    }
    let limit = call.limit.as_ref().and_then(Admission::headers);
    add_headers(&mut response, &request_id, limit);
    permit(response.headers_mut(), origin);
    if is_head {
        without_body(&mut response);
    }
    let is_recorded =
        !is_preflight && call.declared.is_some() && !UNRECORDED.contains(&call.operation);
    let (operation, user, session) = (call.operation, call.user, call.session);
    let record = Request {
        request_id,
        at: clock::now(),
        operation,
        status: response.status().as_u16(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        code,
        causes,
        user,
        session,
    };
    telemetry::log_request(&record);
    if is_recorded {
        telemetry::record(record, &*background);
    }
    response
}

/// How long the body of a request may take that no operation answers.
const REFUSAL_TIME: Duration = Duration::from_secs(10);

/// One request, and what is known of it so far.
pub(super) struct Call<'a> {
    routes: &'a [Route],
    /// The declared path that fits the request's; none when it is unknown.
    pub(super) declared: Option<&'static str>,
    request_id: &'a str,
    pub(super) operation: &'static str,
    pub(super) user: Option<UserId>,
    session: Option<Uuid>,
    pub(super) limit: Option<Admission>,
}

/// What a handler is given: the call, its query as pairs, and its body.
type HandlerInput = (Ctx, Vec<(String, String)>, Bytes);

/// A request whose body was read.
struct Received {
    head: Parts,
    /// The values of the path's placeholders.
    path: Vec<(&'static str, String)>,
    body: Result<Bytes, Problem>,
    deadline: Instant,
    background: Background,
}

impl<'a> Call<'a> {
    pub(super) fn new(routes: &'a [Route], path: &str, request_id: &'a str) -> Self {
        Self {
            routes,
            declared: match_declared(routes, path),
            request_id,
            operation: "unknown",
            user: None,
            session: None,
            limit: None,
        }
    }

    /// The verbs of the path that is asked for.
    pub(super) fn allow(&self) -> String {
        allow(self.routes, self.declared)
    }

    /// The path that is asked for, when programs that act for users call it.
    fn agents_path(&self) -> Option<&'static str> {
        let is_agents = |route: &&Route| {
            let declaration = route.declaration;
            Some(declaration.path) == self.declared && declaration.access == Access::Agent
        };
        self.routes
            .iter()
            .find(is_agents)
            .map(|route| route.declaration.path)
    }

    /// Answers within the operation's deadline.
    pub(super) async fn run<B>(
        &mut self,
        head: Parts,
        body: B,
        background: Background,
    ) -> Result<Response<ResponseBody>, Problem>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<vercel_runtime::Error>,
    {
        // At an unknown path nothing is allowed, so OPTIONS is answered there like any other method.
        if self.declared.is_some() && head.method == Method::OPTIONS {
            return Ok(preflight(&self.allow()));
        }
        let found = find(self.routes, self.declared, &head);
        let (time, limit) = match &found {
            Ok((route, _)) => {
                self.operation = route.declaration.id;
                (route.declaration.deadline(), route.body_limit())
            }
            Err(_) => (REFUSAL_TIME, 0),
        };
        let deadline = Instant::now() + time;
        let work = async {
            // Read before anything is refused: a connection with an unread rest on it cannot be used again, and a proxy
            // that keeps it finds that out with somebody else's request.
            let body = read_body(limit, &head.headers, body).await;
            let (route, path) = found.map_err(|kind| self.no_route(kind))?;
            let received = Received {
                head,
                path,
                body,
                deadline,
                background,
            };
            self.answer(route, received).await
        };
        tokio::time::timeout(time, work).await.unwrap_or_else(|_| {
            Err(Problem::new(Kind::DeadlineExceeded)
                .detail("The request was not finished in time. Repeating it with the same Idempotency-Key is safe."))
        })
    }

    async fn answer(
        &mut self,
        route: &Route,
        received: Received,
    ) -> Result<Response<ResponseBody>, Problem> {
        let declaration = route.declaration;
        let config = config::get().map_err(|error| {
            Problem::new(Kind::NotConfigured)
                .detail("This deployment's configuration is incomplete. Its operator finds the variable in the log.")
                .source(error)
        })?;
        let head = &received.head;
        let caller = self.identify(config, declaration, &head.headers).await?;
        let cache = Cache::of(declaration, self.user, head);
        let kept = cache.as_ref().and_then(Cache::kept);
        // Most reads run beside the rate-limit check, and their answer is withheld when it says no.
        let runs_beside = declaration.may_run_beside_rate_limit() && kept.is_none();
        if !runs_beside {
            self.check_rate_limit(config, declaration).await?;
        }
        if let (Some(cache), Some(kept), Some(limit)) = (&cache, kept, &self.limit)
            && let Some(again) = cache.again(kept, limit)
        {
            return Ok(again);
        }
        let ready = self.context(route, config, caller, received);
        let answer = async {
            let (ctx, query, body) = ready?;
            (route.handler)(ctx, query, body).await
        };
        let answer = if runs_beside {
            // The handler's call takes longer, so it leaves first.
            let (answer, allowed) =
                futures_util::join!(answer, self.check_rate_limit(config, declaration));
            allowed.and(answer)?
        } else {
            answer.await?
        };
        Ok(match (cache, &self.limit) {
            // Without the rate-limit decision nobody knows what the user has changed.
            (Some(cache), Some(limit)) => cache.take(answer, limit),
            _ => answer,
        })
    }

    fn context(
        &self,
        route: &Route,
        config: &'static Config,
        caller: Option<Caller>,
        received: Received,
    ) -> Result<HandlerInput, Problem> {
        let declaration = route.declaration;
        let query = received.head.uri.query().filter(|_| route.reads_query);
        let query = query_pairs(query.unwrap_or_default(), declaration)?;
        let body = received.body?;
        let ctx = Ctx {
            declaration,
            config,
            caller,
            idempotency: idempotency(declaration, &received.head, &body)?,
            headers: received.head.headers,
            path: received.path,
            request_id: self.request_id.to_owned(),
            deadline: received.deadline,
            background: received.background,
        };
        Ok((ctx, query, body))
    }

    fn no_route(&self, kind: Kind) -> Problem {
        match kind {
            Kind::MethodNotAllowed => {
                Problem::new(kind).detail(format!("This address answers {}.", self.allow()))
            }
            _ => Problem::not_found(),
        }
    }

    /// Who calls, by the access token or the scheduler's secret.
    async fn identify(
        &mut self,
        config: &'static Config,
        declaration: &'static Declaration,
        headers: &HeaderMap,
    ) -> Result<Option<Caller>, Problem> {
        match declaration.access {
            Access::Public => return Ok(None),
            Access::Cron => return auth::cron(config, headers).map(|()| None),
            Access::User | Access::Admin | Access::Agent => {}
        }
        let caller = auth::user(config, headers).await?;
        self.user = Some(caller.id);
        self.session = caller.session;
        admit_agent(declaration.access, &caller)?;
        if declaration.access == Access::Admin && caller.role.as_deref() != Some("admin") {
            return Err(Problem::new(Kind::AdminOnly)
                .detail("Your account is no administrator's. Another administrator can set app_metadata.role to admin; sign in again afterwards."));
        }
        Ok(Some(caller))
    }

    /// Asks the limiter. Its state goes into the answer's headers whatever becomes of the call.
    async fn check_rate_limit(
        &mut self,
        config: &'static Config,
        declaration: &'static Declaration,
    ) -> Result<(), Problem> {
        let Some(user) = self.user else {
            return Ok(());
        };
        self.limit = Admission::ask(config, declaration.limit, user).await?;
        self.limit.as_ref().map_or(Ok(()), Admission::enforce)
    }
}

/// Titles and comments that strangers wrote reach the programs that act for users. So such a program may call what checks
/// its limits, and nothing else, whatever its user may do.
fn admit_agent(access: Access, caller: &Caller) -> Result<(), Problem> {
    match (access, caller.agent) {
        (Access::Agent, None) => Err(Problem::new(Kind::TokenInvalid)
            .detail("This address is for programs that a user gave access to, by OAuth. Connect it as docs/mcp.md says.")),
        (Access::User | Access::Admin, Some(_)) => Err(Problem::new(Kind::AgentRefused)
            .detail("This access token was given to a program that acts for you. Such programs use /api/mcp; everything else needs your own session.")),
        _ => Ok(()),
    }
}
