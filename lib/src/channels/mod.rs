//! Connected YouTube channels: the unit of ownership and sharing.

pub mod access;
mod attention;
mod brand_voice;
mod brand_voices;
mod channel;
pub mod connect;
pub mod erase;
mod settings;

pub use brand_voice::BrandVoice;
pub use brand_voices::{BrandVoiceVersion, BrandVoicesQuery, brand_voices};
pub use channel::{
    Attention, Channel, ChannelState, Disconnection, SyncProgress, SyncState, get, list,
};
pub(crate) use settings::check_zone;
pub use settings::{ChannelChanges, update};
