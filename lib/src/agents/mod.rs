//! Programs that act for users, and what each user lets each of them do.
//!
//! A program reads what its user may read. Whatever spends or publishes is off until the user allows it in a browser, has a
//! cap a day, and takes two calls: the first makes an [`offer`](offer::make) with the price or the plan, the second
//! [takes](offer::take) it. So a title or a comment that gives orders to a program cannot do more than the user has allowed
//! it to do, and never at another price than the one that was shown.

mod agent;
pub mod offer;

pub use agent::{Agent, AgentChanges, AgentsQuery, change, get, list};
