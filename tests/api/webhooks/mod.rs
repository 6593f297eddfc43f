//! Outbound webhooks, with receivers on this machine.

mod deliveries;
mod endpoints;
mod events;
mod example;
mod secrets;
