//! Pointing the deployment at the new database: Vercel's environment and Cloudflare's DNS. First it says what would change;
//! the same plan is then carried out, or not.

mod api;
mod hosts;
mod plan;

pub use self::api::Change;
pub use self::hosts::{Cloudflare, Vercel};
pub use self::plan::{Wanted, apply, plan};
