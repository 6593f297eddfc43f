//! Connected YouTube channels: the unit of ownership and sharing.

pub mod access;
mod attention;
mod brand_voice;
mod channel;
pub mod connect;
pub mod consent_page;
pub mod erase;
mod html;
mod list;
mod settings;
mod sync_progress;

pub use brand_voice::BrandVoice;
pub use channel::{Attention, Channel, ChannelState, Disconnection};
pub use list::{get, list};
pub(crate) use settings::check_zone;
pub use settings::{ChannelChanges, update};
pub use sync_progress::{SyncProgress, SyncState};
