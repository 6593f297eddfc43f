//! How every setting stands in a database.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::{catalogue::SETTINGS, setting::Setting};
use crate::{Error, Result};

/// What of a secret is told: an address, or that it is there.
const READ: &str = "
select jsonb_build_object(
  'values', (select jsonb_object_agg(k, private.setting(k)) from unnest($1) k),
  'defaults', (select jsonb_object_agg(k, private.default_setting(k)) from unnest($1) k),
  'secrets', (select coalesce(jsonb_object_agg(name, case when name = 'app_url' then decrypted_secret else 'set' end), '{}')
    from vault.decrypted_secrets where name = any ($2)),
  'changes', (select coalesce(jsonb_object_agg(name, to_jsonb(c)), '{}') from (
    select distinct on (name) name, made_by, made_at from private.operator_changes
    where kind in ('setting', 'secret') order by name, id desc) c),
  'strange', (select coalesce(jsonb_agg(key order by key), '[]') from private.settings
    where key <> all ($1) and key <> 'subject_salt'))";

#[derive(Deserialize)]
struct Read {
    values: BTreeMap<String, Value>,
    defaults: BTreeMap<String, Value>,
    secrets: BTreeMap<String, Value>,
    changes: BTreeMap<String, LastChange>,
    strange: Vec<String>,
}

/// Who changed a setting last, and when.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct LastChange {
    pub(super) made_by: String,
    pub(super) made_at: String,
}

/// A setting as it stands.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) setting: &'static Setting,
    pub(super) value: Value,
    pub(super) default: Value,
    pub(super) changed: Option<LastChange>,
}

/// Every setting, and the names that a database holds and nothing reads.
pub(super) async fn all(connection: &mut PgConnection) -> Result<(Vec<Standing>, Vec<String>)> {
    let of = |secret: bool| {
        let those = SETTINGS
            .iter()
            .filter(move |setting| setting.range.is_secret() == secret);
        let keys: BTreeSet<&str> = those.map(|setting| setting.place().0).collect();
        keys.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let read = sqlx::query_scalar(READ).bind(of(false)).bind(of(true));
    let read = read.fetch_one(connection).await;
    let Json(read): Json<Read> = read.map_err(Error::database("cannot read the settings"))?;
    let standings = SETTINGS
        .iter()
        .map(|setting| standing(setting, &read))
        .collect();
    Ok((standings, strangers(&read)))
}

fn standing(setting: &'static Setting, read: &Read) -> Standing {
    let (key, field) = setting.place();
    let part = |values: &BTreeMap<String, Value>| match (values.get(key), field) {
        (Some(whole), Some(field)) => whole[field].clone(),
        (whole, _) => whole.cloned().unwrap_or_default(),
    };
    let (value, default) = match setting.range.is_secret() {
        true => (part(&read.secrets), Value::Null),
        false => (part(&read.values), part(&read.defaults)),
    };
    Standing {
        setting,
        value,
        default,
        changed: read.changes.get(setting.name).cloned(),
    }
}

/// Names that nothing reads: whole rows, and fields of rows.
fn strangers(read: &Read) -> Vec<String> {
    let fields = read.values.iter().flat_map(|(key, value)| {
        let fields = value
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys());
        fields.map(move |field| format!("{key}.{field}"))
    });
    let unread = fields.filter(|name| SETTINGS.iter().all(|setting| setting.name != name));
    unread.chain(read.strange.iter().cloned()).collect()
}
