//! `catalyst`.
fn main() {}
