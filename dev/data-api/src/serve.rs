//! The server of whatever is behind the Data API's address.

use axum::Router;
use tokio::net::TcpListener;

/// Serves for as long as it is polled.
///
/// # Errors
///
/// When the listener cannot accept any more.
pub async fn serve(listener: TcpListener, router: Router) -> std::io::Result<()> {
    axum::serve(listener, router).await
}
