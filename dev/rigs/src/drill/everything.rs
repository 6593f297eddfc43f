//! One of everything in the database that is destroyed: deliveries that wait, an erasure under way, secrets being rotated, a
//! generation that runs. After the backup come revocations and erasures, which no recovery may undo.

use std::time::Duration;

use catalyst_cli::error::Result;
use serde_json::json;
use sqlx::PgPool;
use stack::api_client::{Client, id};
use stack::{Addresses, controls};
use uuid::Uuid;

use super::jobs::{PATIENCE, POLL_EVERY};
use crate::database::{row, run, value};
use crate::patience::until;
use crate::stand_ins::connect;

/// Nothing listens there: what is sent to it waits for its next try.
const NOBODY: &str = "http://127.0.0.1:9/hook";

/// What the backup knows, and what is done to it afterwards.
pub(super) struct Everything {
    endpoint: Uuid,
    /// The calendar address that the backup knows, which is replaced after it.
    calendar: String,
    generation: Uuid,
    /// Whose erasure is under way at the backup, and who is erased after it.
    erasing: Client,
    erased: Client,
}

impl Everything {
    /// Makes it, through the API wherever that can.
    pub(super) async fn make(
        addresses: &Addresses,
        database: &PgPool,
        user: &Client,
        channel: Uuid,
    ) -> Result<Self> {
        let body = json!({"url": NOBODY, "description": "the drill's"});
        let endpoint = id(&user.post("/api/webhooks/endpoints", body).await?)?;
        let path = format!("/api/webhooks/endpoints/{endpoint}");
        user.post(&format!("{path}/test"), json!({})).await?;
        // Two secrets sign for a day.
        user.post(&format!("{path}/secret"), json!({"end_old": false}))
            .await?;
        let calendar = calendar(user).await?;
        let generation = "insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, voice_version,
            prompt_version, seed, model_asked, price_version, reserved_micros)
          select $1, $1, $2, user_id, 'script', 1, 'generated', 'generating', 1, 'drill', 1, 'drill', 'drill', 1000
          from public.channel_members where channel_id = $2 limit 1";
        let content = Uuid::new_v4();
        run(database, generation, (content, channel)).await?;

        let erased = somebody(addresses, "drill-erased").await?;
        let erasing = somebody(addresses, "drill-erasing").await?;
        // Google does not take the grant back, so this erasure goes on and on.
        let refuses = json!({"operation": "revoke", "status": 503, "times": 0});
        controls::set(&addresses.google, "faults", refuses).await?;
        erasing.delete("/api/me").await?;
        let under_way =
            "select exists (select from public.users where id = $1 and erasing_at is not null)";
        let is_under_way = async || value(database, under_way, (erasing.id(),)).await;
        until(
            "an erasure is under way",
            PATIENCE,
            POLL_EVERY,
            is_under_way,
        )
        .await?;
        let fill = "select drill.fill($1, $2, $3)";
        run(database, fill, (user.id(), channel, erasing.id())).await?;
        Ok(Self {
            endpoint,
            calendar,
            generation: content,
            erasing,
            erased,
        })
    }

    /// Revokes and erases, after the backup.
    pub(super) async fn revoke(
        &self,
        addresses: &Addresses,
        database: &PgPool,
        user: &Client,
    ) -> Result {
        controls::clear(&addresses.google, "faults").await?;
        let path = format!("/api/webhooks/endpoints/{}/secret", self.endpoint);
        user.post(&path, json!({"end_old": true})).await?;
        calendar(user).await?;
        self.erased.delete("/api/me").await?;
        let gone = "select not exists (select from public.users where id = $1)";
        let is_gone = async || value(database, gone, (self.erased.id(),)).await;
        until("an account is erased", PATIENCE, POLL_EVERY, is_gone).await
    }

    /// What a recovery has undone or lost of it; nothing, if it is a good one.
    pub(super) async fn undone(
        &self,
        addresses: &Addresses,
        database: &PgPool,
        user: &Client,
    ) -> Result<Vec<&'static str>> {
        let found: (bool, bool, bool, bool, bool, bool) = row(
            database,
            "select exists (select from auth.users where id in ($1, $2)),
               exists (select from public.channels c where not exists (select from public.channel_members m where m.channel_id = c.id)),
               exists (select from private.webhook_secrets),
               not exists (select from public.webhook_endpoints e join public.webhook_deliveries d on d.endpoint_id = e.id
                 where e.id = $3 and e.state_reason = 'restored' and d.state = 'pending'),
               exists (select from auth.sessions), exists (select from auth.one_time_tokens)",
            (self.erasing.id(), self.erased.id(), self.endpoint),
        )
        .await?;
        let (people, channels, secrets, deliveries, sessions, tokens) = found;
        let over = "select not exists (select from public.generated_content where id = $1 and state = 'generating')";
        let is_over = async || {
            // A generation is given minutes.
            controls::set(&addresses.supabase, "clock", json!({"advance_seconds": 60})).await?;
            value(database, over, (self.generation,)).await
        };
        let generation = until(
            "the generation is over",
            PATIENCE,
            Duration::from_secs(2),
            is_over,
        )
        .await;
        let opens = user.public(&self.calendar).await?;
        let faults = [
            (people, "an erased account is back"),
            (channels, "a channel of an erased account is back"),
            (secrets, "a secret that was replaced signs again"),
            (
                deliveries,
                "a delivery that waited is lost, or goes on without a new secret",
            ),
            (sessions, "a session of the lost time goes on"),
            (tokens, "a token of the lost time opens an account"),
            (generation.is_err(), "a generation runs for ever"),
            (
                opens,
                "a calendar address that was replaced leads to the calendar",
            ),
        ];
        Ok(faults
            .into_iter()
            .filter(|(undone, _)| *undone)
            .map(|(_, what)| what)
            .collect())
    }
}

/// Somebody else, with a channel.
async fn somebody(addresses: &Addresses, account: &str) -> Result<Client> {
    let client = Client::sign_up(addresses).await?;
    connect(
        addresses,
        &client,
        account,
        json!({"title": account, "rows": []}),
    )
    .await?;
    Ok(client)
}

/// Makes a user's calendar address, or replaces it.
async fn calendar(user: &Client) -> Result<String> {
    let feed = user.post("/api/schedule/calendar", json!({})).await?;
    Ok(feed["url"].as_str().unwrap_or_default().to_owned())
}
