//! What happens outside the product before anybody signs up.

use std::path::Path;

use catalyst_cli::error::{Error, Result};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::channel::ZONE;
use crate::controls;

/// A creator has a channel at Google.
pub(super) async fn create_channel(google: &str, account: &str, catalog: &Path) -> Result {
    let channel = json!({"title": "Demo channel", "time_zone": ZONE, "catalog": catalog});
    controls::create_account(google, account, channel).await
}

/// The operator accepts YouTube's derived-metrics amendment, without which no score is shown.
pub(super) async fn accept_derived_metrics(database_url: &str) -> Result {
    let accept = async {
        let mut database = PgConnection::connect(database_url).await?;
        sqlx::query(
            "insert into private.settings (key, value) values ('derived_metrics_accepted_at', to_jsonb(now()))
             on conflict (key) do nothing",
        )
        .execute(&mut database)
        .await?;
        database.close().await
    };
    accept.await.map_err(Error::database(
        "the operator's settings could not be written",
    ))
}
