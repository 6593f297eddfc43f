//! What the user is told when a consent does not end in a channel.

use clients::youtube::ErrorKind;
use clients::{google_oauth, youtube};
use platform::endpoint::{Kind, Problem};

pub(super) fn no_channel() -> Problem {
    Problem::new(Kind::NoChannel).detail(
        "This Google account has no YouTube channel. Create one at https://www.youtube.com/create_channel, or connect again and pick the account or brand account that has one.",
    )
}

pub(super) fn exchange_problem(error: google_oauth::Error) -> Problem {
    match error {
        google_oauth::Error::InvalidGrant { .. } => Problem::new(Kind::ConsentFailed)
            .detail("Google no longer accepts this consent: it was used already or has expired. Connect the channel again.")
            .source(error),
        google_oauth::Error::InvalidClient { .. } => Problem::new(Kind::NotConfigured)
            .detail("Google does not accept this deployment's OAuth client. Its operator has to check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.")
            .source(error),
        _ if error.is_transient() => Problem::new(Kind::UpstreamUnavailable)
            .detail("Google does not answer right now. Connect the channel again in a few minutes.")
            .source(error),
        _ => Problem::new(Kind::UpstreamFailed)
            .detail("Google gave no usable answer. Connect the channel again.")
            .source(error),
    }
}

pub(super) fn channel_problem(error: youtube::Error) -> Problem {
    match error.kind() {
        Some(ErrorKind::NoChannel) => no_channel(),
        Some(ErrorKind::AccountBroken) => Problem::new(Kind::ConsentFailed)
            .detail("YouTube says that this account is closed or suspended. Pick another account.")
            .source(error),
        Some(ErrorKind::DailyQuota) => Problem::new(Kind::QuotaExhausted)
            .detail("YouTube's daily allowance of this deployment is used up. Connect the channel again after midnight in Los Angeles.")
            .source(error),
        _ if error.is_transient() => Problem::new(Kind::UpstreamUnavailable)
            .detail("YouTube does not answer right now. Connect the channel again in a few minutes.")
            .source(error),
        _ => Problem::new(Kind::UpstreamFailed)
            .detail("YouTube gave no usable answer. Connect the channel again.")
            .source(error),
    }
}
