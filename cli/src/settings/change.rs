//! Changing one setting.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::setting::Setting;
use crate::{Error, Result};

/// What stands for going back to the default.
pub(crate) const DEFAULT: &str = "default";

/// What a setting was and is; of a secret only whether there was one.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) old: Value,
    pub(crate) new: Value,
}

impl Changed {
    /// What an SQL function answered: `{"old": …, "new": …}`.
    pub(crate) fn of(answer: &Value) -> Self {
        let (old, new) = (answer["old"].clone(), answer["new"].clone());
        Self { old, new }
    }

    /// One line for people, or an object.
    pub(crate) fn print(&self, setting: &Setting, made_by: &str, as_json: bool) {
        let name = setting.name;
        if as_json {
            println!(
                "{}",
                json!({"name": name, "old": self.old, "new": self.new, "made_by": made_by})
            );
        } else if setting.range.is_secret() {
            println!("{name}: set");
        } else {
            let (old, new) = (setting.range.show(&self.old), setting.range.show(&self.new));
            println!("{name}: {old} -> {new}");
        }
    }
}

/// Reads what somebody wrote for a setting; none goes back to the default.
pub(crate) fn read(setting: &Setting, text: &str) -> Result<Option<Value>> {
    if text == DEFAULT && !setting.range.is_secret() {
        return Ok(None);
    }
    let value = setting.range.read(text);
    let value = value
        .map_err(|problem| Error::setup(format!("{}: {problem}", setting.name), setting.meaning))?;
    Ok(Some(value))
}

/// Sets it, in one transaction with the line of the history.
pub(super) async fn set(
    connection: &mut PgConnection,
    setting: &Setting,
    value: Option<&Value>,
    made_by: &str,
) -> Result<Changed> {
    let query = if setting.range.is_secret() {
        sqlx::query_scalar("select private.change_secret($1, $2, $3)")
            .bind(setting.name)
            .bind(value.and_then(Value::as_str))
    } else {
        let (key, field) = setting.place();
        sqlx::query_scalar("select private.change_setting($1, $2, $3, $4)")
            .bind(key)
            .bind(field)
            .bind(value)
    };
    let answer: sqlx::Result<Value> = query.bind(made_by).fetch_one(connection).await;
    let answer = answer.map_err(Error::database(format!("cannot set {}", setting.name)))?;
    Ok(Changed::of(&answer))
}
