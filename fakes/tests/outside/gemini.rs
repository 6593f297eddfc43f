//! The Generative Language API.
