//! What a round of calls uses up.

use catalyst_cli::error::Result;
use serde_json::{Value, json};
use stack::api_client::Client;
use stack::{Addresses, controls};
use uuid::Uuid;

/// Consents that are prepared for a round: one for the calls under the fault, the others to see it pass.
const CONSENTS: usize = 3;

/// Prepared before each round, taken by its calls.
#[derive(Default)]
pub(super) struct Prepared {
    /// Bodies that finish a consent.
    pub(super) consents: Vec<Value>,
    /// The token of somebody to be erased, who has a channel.
    pub(super) leaving: Option<String>,
    /// A channel to be disconnected.
    pub(super) channel: Option<Uuid>,
}

impl Prepared {
    pub(super) async fn make(addresses: &Addresses, user: &Client) -> Result<Self> {
        let mut consents = Vec::new();
        for _ in 0..CONSENTS {
            let callback = user.consent(&account(addresses).await?).await?;
            consents.push(user.brought(&callback).await?);
        }
        let channel = connect(addresses, user).await?;
        let leaving = Client::sign_up(addresses).await?;
        connect(addresses, &leaving).await?;
        Ok(Self {
            consents,
            leaving: Some(leaving.token().to_owned()),
            channel: Some(channel),
        })
    }
}

/// Connects a new channel as a user does.
pub(super) async fn connect(addresses: &Addresses, user: &Client) -> Result<Uuid> {
    user.connect(&account(addresses).await?).await
}

/// A new account at Google with a channel.
async fn account(addresses: &Addresses) -> Result<String> {
    let account = format!("acct-{}", Uuid::new_v4().simple());
    let channel = json!({"generated": {"videos": 5, "seed": 7}});
    controls::create_account(&addresses.google, &account, channel).await?;
    Ok(account)
}
