//! Pointing the deployment at the new database: Vercel's environment and Cloudflare's DNS. First it says what would change;
//! the same plan is then carried out, or not.

mod api;
mod change;
mod cloudflare;
mod plan;
mod vercel;

pub use self::{
    change::Change,
    cloudflare::Cloudflare,
    plan::{Wanted, apply, plan},
    vercel::Vercel,
};
