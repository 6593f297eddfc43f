//! The stand-ins, driven over HTTP: one test for each thing that they must do as the real services do.

mod catalogues;
mod faults;
mod gemini;
mod gemini_answers;
mod gemini_requests;
mod gemini_streams;
mod google;
mod revid;
mod revid_renders;
mod revid_requests;
mod revid_webhooks;
mod s3;
mod support;
mod upload_chunks;
mod upload_sessions;
mod youtube_lists;
mod youtube_quota;
mod youtube_reports;
mod youtube_videos;
