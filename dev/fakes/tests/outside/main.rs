//! The stand-ins, driven over HTTP: one test for each thing that they must do as the real services do.

mod gemini;
mod google;
mod reads;
mod revid;
mod support;
mod upload;
mod world;
