//! Which operation a request asks for, by its path and verb.

use std::borrow::Cow;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use vercel_runtime::ResponseBody;

use super::ctx::Ctx;
use super::declaration::{Declaration, Operation};
use super::input::{BodyInput, Input, QueryInput};
use super::reply::{Answer, Reply};
use crate::problem::{Kind, Problem};

type Handled = BoxFuture<'static, Result<Response<ResponseBody>, Problem>>;
type Handler = Box<dyn Fn(Ctx, Vec<(String, String)>, Bytes) -> Handled + Send + Sync>;

/// An operation and its handler.
pub struct Route {
    pub(super) declaration: &'static Declaration,
    reads_body: bool,
    pub(super) handler: Handler,
}

impl Route {
    pub(super) fn signs_in(&self) -> bool {
        self.declaration.access.signs_in()
    }

    /// Largest body accepted. Some clients send a small one where there is none to send.
    pub(super) fn body_limit(&self) -> usize {
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

/// A route and the values of its path's placeholders.
pub(super) type Match<'a> = (&'a Route, Vec<(&'static str, String)>);

/// The declared path that fits a request's: of several the one with the fewest placeholders, so that
/// `/api/channels/connect` is no channel's id.
pub(super) fn match_declared(routes: &[Route], path: &str) -> Option<&'static str> {
    routes
        .iter()
        .map(|route| route.declaration)
        .filter(|declaration| match_path(declaration.path, path).is_some())
        .min_by_key(|declaration| declaration.placeholders().count())
        .map(|declaration| declaration.path)
}

/// The operation that a declared path has for the request's verb.
pub(super) fn find<'a>(
    routes: &'a [Route],
    declared: Option<&'static str>,
    head: &http::request::Parts,
) -> Result<Match<'a>, Kind> {
    let declared = declared.ok_or(Kind::NotFound)?;
    let mut at_path = routes
        .iter()
        .filter(|route| route.declaration.path == declared);
    let route = at_path
        .find(|route| route.declaration.verb.as_str() == head.method.as_str())
        .ok_or(Kind::MethodNotAllowed)?;
    let path = match_path(declared, head.uri.path()).ok_or(Kind::NotFound)?;
    Ok((route, path))
}

/// The verbs of a declared path, as `Allow` lists them.
pub(super) fn allow(routes: &[Route], declared: Option<&'static str>) -> String {
    let at_path = routes
        .iter()
        .filter(|route| Some(route.declaration.path) == declared);
    let verbs: Vec<_> = at_path
        .map(|route| route.declaration.verb.as_str())
        .collect();
    verbs.join(", ")
}

/// Matches by position; a placeholder takes one segment, decoded once.
pub(super) fn match_path(pattern: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) => {
                let value = percent_encoding::percent_decode_str(segment).decode_utf8();
                let value = value.map_or_else(|_| "\u{fffd}".to_owned(), Cow::into_owned);
                values.push((name, value));
            }
            None if expected == segment => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(values)
}
