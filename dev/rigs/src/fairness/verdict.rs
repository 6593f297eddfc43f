//! How late the others were, and whether that is too late.

use std::time::Duration;

use serde_json::{Value, json};

use super::channel::Seen;
use crate::environment::tenths;

/// An upload may be public so much later than its slot, and its user may be told of it so much later.
pub(super) const LATEST: Duration = Duration::from_secs(60);

/// How late the others were, in seconds, and how many were later than they may.
pub(super) fn verdict(seen: &[Seen]) -> Value {
    let public = seen.iter().map(|seen| seen.public).collect();
    let told = seen.iter().map(|seen| seen.told).collect();
    let [public, told] = [public, told].map(sorted);
    let latest = LATEST.as_secs_f64();
    let is_late = |seen: &&Seen| !(seen.public <= latest && seen.told <= latest);
    json!({
        "others": seen.len(), "late": seen.iter().filter(is_late).count(),
        "public_p50": at(&public, 0.5), "public_p99": at(&public, 0.99), "public_max": at(&public, 1.0),
        "told_p50": at(&told, 0.5), "told_p99": at(&told, 0.99), "told_max": at(&told, 1.0),
        "list": seen.iter().map(Seen::line).collect::<Vec<_>>(),
    })
}

fn sorted(mut seconds: Vec<f64>) -> Vec<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds
}

/// The value below which this part of them lies; null when it is beyond all time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index below the length of a short list"
)]
fn at(sorted: &[f64], part: f64) -> Value {
    let index = (sorted.len() as f64 * part).ceil() as usize;
    let value = sorted.get(index.saturating_sub(1)).copied();
    json!(value.map(tenths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_is_never_public_is_late() {
        let seen = |public, told| Seen {
            public,
            told,
            state: "published".to_owned(),
        };
        let on_time = verdict(&[seen(0.0, 3.0), seen(1.0, 60.0)]);
        assert_eq!(
            (&on_time["late"], &on_time["told_max"]),
            (&json!(0), &json!(60.0))
        );
        let late = verdict(&[seen(0.0, 3.0), seen(0.0, 60.5), seen(f64::INFINITY, 3.0)]);
        assert_eq!(
            (&late["late"], &late["public_max"]),
            (&json!(2), &Value::Null)
        );
    }
}
