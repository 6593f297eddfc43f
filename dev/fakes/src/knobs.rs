//! Settings that tests change while the stand-ins run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{Head, read_json};

/// Declares settings: each knob with its type and what it is unless told.
macro_rules! settings {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $knob:ident: $kind:ty = $usual:expr,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct $name {
            $($(#[$what])* pub(crate) $knob: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($knob: $usual,)* }
            }
        }
    };
}
pub(crate) use settings;

/// Settings with exceptions: for all, and for what a key names (an account, or a text in the body).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Knobs {
    all: Map<String, Value>,
    some: BTreeMap<String, Map<String, Value>>,
}

impl Knobs {
    /// Changes settings from a control body; `key` names the field that limits the change.
    fn set<T: DeserializeOwned + Serialize>(
        &mut self,
        key: &str,
        mut change: Map<String, Value>,
    ) -> Result<Value, String> {
        let only = match change.remove(key) {
            Some(Value::String(only)) => Some(only),
            Some(_) => return Err(format!("`{key}` must be text")),
            None => None,
        };
        let mut trial = self.clone();
        let target = match &only {
            Some(only) => trial.some.entry(only.clone()).or_default(),
            None => &mut trial.all,
        };
        target.extend(change);
        let settings: Result<T, _> = trial.read(|name| Some(name) == only.as_deref());
        let shown = settings.and_then(serde_json::to_value);
        if shown.is_ok() {
            *self = trial;
        }
        shown.map_err(|error| error.to_string())
    }

    /// The settings that hold where `applies` is true of an exception's key.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        applies: impl Fn(&str) -> bool,
    ) -> Result<T, serde_json::Error> {
        let mut merged = self.all.clone();
        for (_, exception) in self.some.iter().filter(|(key, _)| applies(key)) {
            merged.extend(exception.clone());
        }
        serde_json::from_value(Value::Object(merged))
    }

    /// Carries out `POST` (change) and `DELETE /_control/knobs` (back to the defaults); `key` names the field that limits a change.
    pub(crate) fn control<T: DeserializeOwned + Serialize>(
        &mut self,
        key: &str,
        head: &Head,
        body: &[u8],
    ) -> Option<Result<Value, String>> {
        match (head.control_route()?, head.param(key)) {
            (("POST", "knobs"), _) => {
                return Some(read_json(body).and_then(|change| self.set::<T>(key, change)));
            }
            (("DELETE", "knobs"), Some(only)) => drop(self.some.remove(only)),
            (("DELETE", "knobs"), None) => *self = Self::default(),
            _ => return None,
        }
        Some(Ok(json!({})))
    }
}
