//! What users may change of their profile.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::channels::check_zone;
use platform::endpoint::{Kind, Problem};
use platform::field_errors::FieldErrors;
use platform::nullable::given;

/// Changes of a profile. Fields that are absent stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileChanges {
    /// Name to show, 1 to 80 characters; null clears it.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80, pattern = r"\S")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub display_name: Option<Option<String>>,
    /// IANA time zone, for example `Europe/Berlin`.
    #[schema(example = "Europe/Berlin", format = "iana-time-zone", max_length = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl ProfileChanges {
    /// Checks what the types do not.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if *self == Self::default() {
            return Err(Problem::new(Kind::InvalidBody)
                .detail("Give display_name, time_zone or both.")
                .pointer("", "must hold display_name or time_zone"));
        }
        let mut errors = FieldErrors::default();
        if let Some(Some(name)) = &self.display_name {
            errors.check_text("/display_name", name, 80);
        }
        if let Some(zone) = &self.time_zone {
            check_zone(zone, &mut errors);
        }
        errors.into_result()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(body: serde_json::Value) -> ProfileChanges {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn null_clears_and_absence_keeps() {
        let cleared = changes(json!({"display_name": null}));
        assert_eq!(cleared.display_name, Some(None));
        assert_eq!(
            serde_json::to_value(&cleared).unwrap(),
            json!({"display_name": null})
        );
        assert!(cleared.check().is_ok());
        let zone = changes(json!({"time_zone": "Asia/Kathmandu"}));
        assert_eq!(zone.display_name, None);
        assert!(zone.check().is_ok());
    }

    #[test]
    fn unsound_profiles_are_refused() {
        for body in [
            json!({}),
            json!({"display_name": ""}),
            json!({"display_name": "  "}),
            json!({"display_name": "x".repeat(81)}),
            json!({"time_zone": "Mars/Olympus"}),
        ] {
            assert!(changes(body.clone()).check().is_err(), "{body}");
        }
        assert!(serde_json::from_value::<ProfileChanges>(json!({"email": "x"})).is_err());
    }
}
