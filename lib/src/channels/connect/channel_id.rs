//! Our id of a YouTube channel.

use uuid::Uuid;

use platform::ids::ChannelId;

const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_30d2_4b1e_5d0a_9a83_27c5_1a6e_40b7);

/// The id follows from YouTube's, so that whoever connects the channel, its tokens are bound to the same row.
pub(super) fn channel_id(youtube: &str) -> ChannelId {
    ChannelId(Uuid::new_v5(&NAMESPACE, youtube.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_one_id_for_good() {
        assert_eq!(channel_id("UC1"), channel_id("UC1"));
        assert_ne!(channel_id("UC1"), channel_id("UC2"));
    }
}
