//! Settings that tests change while the stand-ins run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::request::{Head, read_json};

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
        for (name, value) in change {
            target.insert(name, value);
        }
        let settings: T = trial
            .read(|name| Some(name) == only.as_deref())
            .map_err(|error| error.to_string())?;
        *self = trial;
        serde_json::to_value(settings).map_err(|error| error.to_string())
    }

    /// The settings that hold where `applies` is true of an exception's key.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        applies: impl Fn(&str) -> bool,
    ) -> Result<T, serde_json::Error> {
        let mut merged = self.all.clone();
        for (_, exception) in self.some.iter().filter(|(key, _)| applies(key)) {
            for (name, value) in exception {
                merged.insert(name.clone(), value.clone());
            }
        }
        serde_json::from_value(Value::Object(merged))
    }

    /// Back to the defaults, or only without one exception.
    fn clear(&mut self, only: Option<&str>) {
        match only {
            Some(only) => {
                self.some.remove(only);
            }
            None => *self = Self::default(),
        }
    }

    /// Carries out `POST` and `DELETE /_control/knobs`; `key` names the field that limits a change.
    pub(crate) fn control<T: DeserializeOwned + Serialize>(
        &mut self,
        key: &str,
        head: &Head,
        body: &[u8],
    ) -> Option<Result<Value, String>> {
        match head.control_route()? {
            ("POST", "knobs") => {
                Some(read_json(body).and_then(|change| self.set::<T>(key, change)))
            }
            ("DELETE", "knobs") => {
                self.clear(head.param(key));
                Some(Ok(json!({})))
            }
            _ => None,
        }
    }
}
