//! Making an account at Google together with its channel at YouTube.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    google::store::Account,
    lock::lock,
    world::World,
    youtube::create::{NewChannel, create_channel},
};

/// `POST /_control/accounts`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewAccount {
    pub(crate) account: String,
    pub(crate) channel: NewChannel,
    pub(crate) scopes_granted: Option<Vec<String>>,
    pub(crate) no_channel: bool,
    pub(crate) refuses: bool,
}

/// Makes an account and its channel; one of the same name is replaced, its grants and tokens with it.
pub(crate) fn create_account(world: &World, new: NewAccount) -> Result<Value, String> {
    let name = new.account;
    if name.is_empty() || name.contains('@') {
        return Err("`account` must be a name without `@`".to_owned());
    }
    let channel = match new.no_channel {
        true => None,
        false => Some(create_channel(world, &name, new.channel)?),
    };
    let id = channel.as_ref().and_then(|channel| channel["id"].as_str());
    let account = Account {
        channel: id.map(str::to_owned),
        refuses: new.refuses,
        scopes_granted: new.scopes_granted,
        ..Account::default()
    };
    let mut google = lock(&world.google);
    google.revoke_account(&name);
    google.accounts.insert(name.clone(), account);
    Ok(json!({"account": name, "channel": channel}))
}
