//! Reads the schema anew when a migration has changed it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use postrust_server::AppState;
use sqlx::postgres::PgListener;

/// Reads the schema anew whenever a migration says `notify pgrst`.
pub(super) async fn on_notification(state: Arc<AppState>) {
    let listen = async |listener: &mut PgListener| {
        listener.listen("pgrst").await?;
        loop {
            listener.recv().await?;
            if let Err(error) = state.reload_schema().await {
                tracing::warn!(%error, "the Data API goes on with the schema that it knows");
            }
        }
    };
    loop {
        let ended: sqlx::Result<Infallible> = match PgListener::connect_with(&state.pool).await {
            Ok(mut listener) => listen(&mut listener).await,
            Err(error) => Err(error),
        };
        if let Err(sqlx::Error::PoolClosed) = ended {
            return;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
