//! Stand-ins of the accounts that a deployment is made in: Supabase's Management API and Vercel's REST API, and the address at
//! which the deployment and the project then answer. They keep what is done to them, so that a test can count it.
//!
//! Fields and paths are those of `@vercel/sdk` 1.28 and `supabase-management-js` 2.0. The projects' database is the caller's.

mod failure;
mod refusal;
mod serve;
mod site;
mod supabase;
mod vercel;
mod world;

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::{Loopback, lock};
use world::World;

pub use failure::Failure;
pub use serve::{SUPABASE_TOKEN, VERCEL_TOKEN};
pub use world::{Database, Limits};

/// All of them, each on a port of its own. They end when this is dropped.
#[derive(Debug)]
pub struct Accounts {
    supabase: Loopback,
    vercel: Loopback,
    site: Loopback,
    world: Arc<Mutex<World>>,
}

impl Accounts {
    /// Starts them with empty accounts; every Supabase project has this one database.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub async fn start(database: Database) -> io::Result<Self> {
        let world = Arc::new(Mutex::new(World::new(database)));
        let serve = |handle, token| serve::serve(Arc::clone(&world), handle, token);
        Ok(Self {
            supabase: serve(supabase::answer, Some(SUPABASE_TOKEN)).await?,
            vercel: serve(vercel::answer, Some(VERCEL_TOKEN)).await?,
            site: serve(site::answer, None).await?,
            world,
        })
    }

    /// The address of Supabase's Management API.
    pub fn supabase(&self) -> &str {
        &self.supabase.url
    }

    /// The address of Vercel's API.
    pub fn vercel(&self) -> &str {
        &self.vercel.url
    }

    /// Where the deployment answers, and the Supabase project.
    pub fn site(&self) -> &str {
        &self.site.url
    }

    /// What the plans allow and which names are taken.
    pub fn limit(&self, limits: Limits) {
        lock(&self.world).limits = limits;
    }

    /// Lets calls fail, counted from now; none heals.
    pub fn fail(&self, failure: Option<Failure>) {
        let mut world = lock(&self.world);
        world.failure = failure;
        world.since = 0;
    }

    /// The calls of both APIs until now, as `METHOD /path`.
    pub fn calls(&self) -> Vec<String> {
        lock(&self.world).calls.clone()
    }

    /// What there is in both accounts. Secrets are told as the number of their letters.
    pub fn state(&self) -> Value {
        lock(&self.world).state()
    }

    /// What was sent as a variable's value, which the API never tells.
    pub fn variable(&self, name: &str) -> Option<String> {
        lock(&self.world).variable(name)
    }

    /// Everything secret that they were told or told themselves.
    pub fn secrets(&self) -> Vec<String> {
        lock(&self.world).secrets.clone()
    }

    /// Changes a Supabase project from outside, such as its `status`.
    pub fn set(&self, name: &str, field: &str, value: Value) {
        for project in &mut lock(&self.world).projects {
            if project["name"] == name {
                project[field] = value.clone();
            }
        }
    }
}
