//! `catalyst settings`: what the operator decides without deploying, each with its range, and who changed it when.

mod catalogue;
pub(crate) mod change;
mod command;
pub(crate) mod history;
mod list;
pub(crate) mod setting;
mod standing;
pub(crate) mod value;

pub use self::catalogue::SETTINGS;
pub use self::command::{SettingsArgs, run};
pub use self::setting::Setting;
pub use self::value::Range;
