//! The resources, as the document groups operations.

use serde_json::{Value, json};

/// Each resource and what it is, in the order in which somebody meets them.
pub(super) const TAGS: &[(&str, &str)] = &[
    ("config", "What a front end needs to sign people in."),
    (
        "me",
        "Your account: profile, limits, usage, export and erasure.",
    ),
    (
        "channels",
        "YouTube channels: consent, settings, synchronisation, insights.",
    ),
    (
        "videos",
        "What is on YouTube, with its numbers and its scores.",
    ),
    (
        "generate",
        "New content, written by a model from what worked on the channel.",
    ),
    (
        "content",
        "What was written: revisions, edits, ratings and approvals.",
    ),
    ("video", "Renders: approved scripts on their way to a film."),
    (
        "schedule",
        "Publications: slots, the calendar, and uploads with their states.",
    ),
    ("webhooks", "How your own services are told."),
    ("admin", "For operators: figures and work that failed."),
    ("cron", "For the scheduler."),
    ("health", "Whether the deployment is well."),
    ("openapi", "This document."),
];

pub(super) fn tags() -> Vec<Value> {
    let tags = TAGS.iter();
    tags.map(|(name, description)| json!({"name": name, "description": description}))
        .collect()
}
