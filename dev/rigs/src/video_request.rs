//! What a rig asks the render service for.

use clients::revid::{Aspect, Captions, Footage, Quality, Resolution, VideoRequest};

/// A request without its script, which is filled in where it is stored.
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
