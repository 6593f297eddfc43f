//! `catalyst deploy` against stand-ins of Supabase and Vercel, with a real database: whatever fails, the next run completes it,
//! and nothing is there twice; no secret is ever printed.

mod failures;
mod folder;
mod interruptions;
mod plans;
mod secrets;
mod world;
