//! Settings as they are told.

use platform::closest::closest;
use serde_json::{Value, json};

use super::{catalogue::SETTINGS, standing::Standing};

/// A setting as an object.
fn object(standing: &Standing) -> Value {
    let Standing {
        setting,
        value,
        default,
        changed,
    } = standing;
    json!({
        "name": setting.name, "value": value, "default": default, "range": setting.range.to_string(),
        "meaning": setting.meaning,
        "changed_by": changed.as_ref().map(|change| &change.made_by),
        "changed_at": changed.as_ref().map(|change| &change.made_at),
    })
}

/// One value, alone on its line, or with everything that is known of it.
pub(super) fn print_one(standings: &[Standing], name: &str, as_json: bool) {
    for standing in standings
        .iter()
        .filter(|standing| standing.setting.name == name)
    {
        match as_json {
            true => println!("{}", object(standing)),
            false => println!("{}", plain(&standing.value)),
        }
    }
}

/// A value as `set` takes it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "default".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(words) if words.is_empty() => "none".to_owned(),
        Value::Array(words) => words
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    }
}

/// All of them, and the names that nothing reads.
pub(super) fn print_all(standings: &[Standing], strangers: &[String], as_json: bool) {
    if as_json {
        let settings: Vec<Value> = standings.iter().map(object).collect();
        println!("{}", json!({"settings": settings, "unknown": strangers}));
        return;
    }
    for Standing {
        setting,
        value,
        default,
        changed,
    } in standings
    {
        let (name, range) = (setting.name, setting.range);
        println!("{name:<42} {}", range.show(value));
        println!("    {} ({range})", setting.meaning);
        if value != default && !range.is_secret() {
            println!("    Otherwise {}.", range.show(default));
        }
        if let Some(change) = changed {
            println!("    Changed by {} at {}.", change.made_by, change.made_at);
        }
    }
    for name in strangers {
        let known = SETTINGS
            .iter()
            .flat_map(|setting| [setting.name, setting.place().0]);
        let meant = closest(name, known)
            .map_or_else(String::new, |known| format!("; did you mean {known}?"));
        println!("nothing reads {name}, which private.settings holds{meant}");
    }
}
