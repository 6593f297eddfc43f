//! Serving one stand-in: each request is logged, and hit by the faults that match it.

use std::sync::{Arc, Mutex};
use std::{io, time::Duration};

use axum::extract::{ConnectInfo, Request};
use axum::{Router, body::to_bytes, response::Response};
use bytes::Bytes;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Call, CallRecord, Connection, CuttableListener, Fault, FaultEffect, Head, Service, When, World,
    control, drain, lock, services, text_response,
};

/// The largest body in bytes that is read whole.
const WHOLE_BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Serves one stand-in until the task is dropped.
pub(crate) async fn serve(
    world: Arc<World>,
    service: Service,
    listener: TcpListener,
) -> io::Result<()> {
    let app = Router::new().fallback(async move |connection, request| {
        // In a task of its own: what a client set going goes on when the client hangs up.
        let answering = tokio::spawn(answer(Arc::clone(&world), service, connection, request));
        let answer = answering.await;
        answer.unwrap_or_else(|_| text_response(500, "text/plain", "the stand-in failed"))
    });
    let app = app.into_make_service_with_connect_info::<Connection>();
    axum::serve(CuttableListener(listener), app).await
}

async fn answer(
    world: Arc<World>,
    service: Service,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head::new(parts, connection.clone());
    if head.path == "/_state" || head.path.starts_with("/_control") {
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        return control::control(&world, service, &head, &body).await;
    }

    let operations = services::operations(service, &head);
    let (body, stream) = if operations.contains(&"upload.chunk") {
        (Bytes::new(), Some(body))
    } else {
        match to_bytes(body, WHOLE_BODY_LIMIT).await {
            Ok(bytes) => (bytes, None),
            Err(_) => return text_response(413, "text/plain", "Request Entity Too Large"),
        }
    };
    let caller = services::caller(&world, service, &head, &body);
    let fault = lock(world.faults(service)).find(&head, &operations, &caller, &body);
    let fault_id = fault.as_ref().map(|fault| fault.id);
    let mut record = CallRecord::new(&head, &operations, caller, fault_id);

    let (stream, effect) = (Mutex::new(stream), FaultEffect::default());
    let call = Call {
        head,
        body,
        stream,
        effect,
    };
    let cut = fault.as_ref().is_some_and(|fault| fault.cut);
    let response = match fault {
        None => services::handle(&world, service, call).await,
        Some(fault) => fail(&world, service, call, &fault).await,
    };
    record.at = world.clock.now().to_string();
    record.status = (!cut).then(|| response.status().as_u16());
    lock(world.calls(service)).push(record);
    world.mark_changed();
    if cut {
        connection.cut();
    }
    response
}

/// Carries out a fault.
async fn fail(world: &Arc<World>, service: Service, mut call: Call, fault: &Fault) -> Response {
    let delay = Duration::from_millis(fault.delay_ms);
    let failure = || {
        fault.failure(
            |name| services::named_error(service, name),
            |status| services::plain_error(service, status),
        )
    };
    if fault.when == When::Before {
        tokio::time::sleep(delay).await;
        if fault.fails() && !fault.is_inside() {
            let stream = lock(&call.stream).take();
            if let Some(stream) = stream.filter(|_| !fault.cut) {
                drain(stream).await;
            }
            return failure();
        }
    }
    fault.give_effect(&mut call);
    let response = services::handle(world, service, call).await;
    if fault.when == When::After {
        tokio::time::sleep(delay).await;
    }
    let partly_read =
        fault.after_bytes.is_some() && (fault.status.is_some() || fault.error.is_some());
    if partly_read || (fault.fails() && fault.when == When::After) {
        return failure();
    }
    fault.with_headers(response)
}

/// A running server. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Loopback {
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Loopback {
    /// Serves `app`.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub(crate) async fn serve(app: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            drop(axum::serve(listener, app).await);
        });
        Ok(Self { url, task })
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}
