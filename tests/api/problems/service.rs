//! Problems of the deployment: its settings, its database, its limits of time and requests.

use reqwest::{Body, Method};

use crate::support::{Answer, Fault, FaultProxy, Function, Stack};

const API_ME: &str = env!("CARGO_BIN_EXE_api_me");

/// What a user's profile is answered with while the way to the database has a fault.
async fn read_profile_during(fault: Fault) -> Answer {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let proxy = FaultProxy::to_gateway(&stack).await;
    let function = Function::behind(&proxy, &stack, API_ME, &[]).await;
    let request = || {
        let request = function.request(Method::GET, "/api/me");
        Answer::of(request.bearer_auth(&user.access_token))
    };
    request().await.status(200);
    proxy.set(fault);
    request().await
}

pub(super) async fn the_database_is_out_of_reach() -> Answer {
    read_profile_during(Fault::Reset).await
}

pub(super) async fn the_database_answers_with_an_error_that_is_ours() -> Answer {
    read_profile_during(Fault::Failing).await
}

pub(super) async fn a_body_never_ends() -> Answer {
    let function = Function::start(API_ME, &[]).await;
    let endless = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = function.request(Method::POST, "/api/me/nothing");
    Answer::of(request.body(Body::wrap_stream(endless))).await
}

pub(super) async fn a_setting_is_wrong() -> Answer {
    let function = Function::start(API_ME, &[("CRON_SECRET", "short")]).await;
    Answer::of(function.request(Method::GET, "/api/me")).await
}

pub(super) async fn a_user_asks_more_than_they_may() -> Answer {
    let user = Stack::from_env().sign_up().await;
    let settings = [("MAX_API_REQUESTS_PER_MINUTE", "1")];
    let function = Function::start(API_ME, &settings).await;
    let request = || {
        let request = function.request(Method::GET, "/api/me");
        Answer::of(request.bearer_auth(&user.access_token))
    };
    request().await.status(200);
    request().await
}
