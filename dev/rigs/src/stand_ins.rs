//! What rigs ask of the stand-ins.

use catalyst_cli::error::Result;
use clients::revid::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest};
use serde_json::{Value, json};
use stack::{Addresses, api_client::Client, controls};
use uuid::Uuid;

/// Sets knobs of the stand-in at this address.
pub(crate) async fn turn(service: &str, knobs: Value) -> Result {
    controls::set(service, "knobs", knobs).await
}

/// From now on YouTube's quota is no limit, and a video is processed when it was asked for so often.
pub(crate) async fn lift_quota(youtube: &str, processing_polls: u32) -> Result {
    let plenty = 1_000_000_000;
    let knobs = json!({"quota_units": plenty, "quota_uploads": plenty, "processing_polls": processing_polls});
    turn(youtube, knobs).await
}

/// Makes an account with this channel, and connects it as a user does.
pub(crate) async fn connect(
    addresses: &Addresses,
    user: &Client,
    account: &str,
    channel: Value,
) -> Result<Uuid> {
    controls::create_account(&addresses.google, account, channel).await?;
    user.connect(account).await
}

/// A list in the state of a stand-in.
pub(crate) fn list<'a>(state: &'a Value, name: &str) -> &'a [Value] {
    state[name].as_array().map_or(&[], Vec::as_slice)
}

/// What a render is asked for with, but for its script, which is filled in where it is stored.
pub(crate) fn video_request() -> VideoRequest {
    VideoRequest {
        script: String::new(),
        aspect: Aspect::Portrait,
        language: "en-US".to_owned(),
        footage: Footage::default(),
        quality: Quality::default(),
        resolution: Resolution::default(),
        captions: Captions::default(),
        music: true,
        voice: None,
    }
}
