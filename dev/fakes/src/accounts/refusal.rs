//! How each of them says no.

use serde_json::json;

use super::serve::Answer;

pub(super) fn supabase(status: u16, message: &str) -> Answer {
    (status, json!({"message": message}))
}

pub(super) fn vercel(status: u16, code: &str, message: &str) -> Answer {
    (status, json!({"error": {"code": code, "message": message}}))
}
