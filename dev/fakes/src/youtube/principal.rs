//! A caller who has shown a good token.

use super::{errors::signup_required, settings::Settings};
use crate::failure::Failure;

#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) account: String,
    pub(super) channel: Option<String>,
    /// The Google project whose quota the calls use.
    pub(super) project: String,
    pub(super) settings: Settings,
}

impl Principal {
    pub(super) fn channel(&self) -> Result<&str, Failure> {
        self.channel.as_deref().ok_or_else(signup_required)
    }
}
