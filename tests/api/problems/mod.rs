//! The body of every problem that the API can answer with, as a committed snapshot: `snapshots/CODE.snap`, one for every code.
//!
//! After a change on purpose, `make snapshots` writes them anew: read the difference. The snapshot of the OpenAPI document is
//! `public/openapi.json`, which `catalyst-dev check` compares.

mod channels;
mod content;
mod publishing;
mod requests;
mod service;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use platform::problem::{Kind, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Answer;

/// For each kind that a caller can meet: a request that meets it.
macro_rules! reached {
    ($($kind:ident: $subject:ident::$request:ident;)*) => {
        const REACHED: &[Kind] = &[$(Kind::$kind),*];

        mod reached {
            $(
                #[tokio::test]
                async fn $request() {
                    super::assert_snapshot(super::Kind::$kind, &super::$subject::$request().await);
                }
            )*
        }
    };
}

reached! {
    AdminOnly: requests::a_user_reads_the_deployments_metrics;
    AgentRefused: requests::a_program_reads_what_it_acts_for;
    AnswersMissing: publishing::an_upload_leaves_youtubes_questions_open;
    ApprovalRequired: content::a_draft_is_to_be_rendered;
    BannedTopic: content::a_brief_names_a_banned_topic;
    BodyTooLarge: requests::a_body_is_larger_than_it_may_be;
    BudgetExhausted: content::the_renders_of_the_month_are_used_up;
    ChannelDisconnected: channels::a_disconnected_channel_is_to_be_synchronised;
    ChannelMismatch: channels::a_channel_is_reconnected_as_another;
    ChannelTaken: channels::a_channel_of_others_is_connected;
    ConsentFailed: channels::a_consent_comes_back_with_a_forged_code;
    ConsentRefused: channels::a_consent_is_refused;
    DatabaseUnavailable: service::the_database_is_out_of_reach;
    DeadlineExceeded: service::a_body_never_ends;
    DuplicateTitle: publishing::a_title_is_used_twice;
    DuplicateUpload: publishing::a_video_is_scheduled_twice;
    FeatureUnavailable: channels::a_channel_without_permission_to_read_is_to_be_synchronised;
    GenerationBlocked: content::the_model_declines;
    GenerationFailed: content::the_model_gives_no_usable_answer;
    IdempotencyKeyReused: requests::a_key_comes_with_another_body;
    Internal: service::the_database_answers_with_an_error_that_is_ours;
    InvalidBody: requests::a_field_of_the_body_is_wrong;
    InvalidHeader: requests::an_etag_is_malformed;
    InvalidId: requests::an_id_is_malformed;
    InvalidJson: requests::a_body_is_no_json;
    InvalidQuery: requests::a_page_is_too_long;
    InvalidState: publishing::a_cancelled_upload_is_changed;
    LimitReached: requests::an_eleventh_endpoint_is_made;
    MethodNotAllowed: requests::a_method_is_not_known;
    NoChannel: channels::an_account_without_a_channel_consents;
    NotConfigured: service::a_setting_is_wrong;
    NotFound: requests::an_object_is_not_there;
    PublishTimePast: publishing::an_upload_is_scheduled_in_the_past;
    GenerationLimitReached: content::the_generations_of_the_day_are_used_up;
    RateLimited: service::a_user_asks_more_than_they_may;
    RenderInProgress: content::a_script_is_rendered_twice_at_once;
    RenderTooCostly: content::a_render_costs_more_than_one_may;
    RequestInProgress: content::a_generation_is_repeated_while_it_runs;
    RoleTooLow: requests::a_viewer_changes_a_channel;
    SlotTaken: publishing::two_uploads_are_too_close;
    StateExpired: channels::a_consent_comes_back_with_an_unknown_state;
    TokenExpired: requests::a_token_has_expired;
    TokenInvalid: requests::a_token_is_none;
    TokenMissing: requests::a_request_has_no_token;
    UnsupportedMediaType: requests::a_body_is_plain_text;
    UpstreamFailed: content::the_model_refuses_the_deployment;
    UpstreamUnavailable: content::the_model_is_overloaded;
    VersionMismatch: requests::an_older_version_is_changed;
}

/// Compares an answer with the snapshot of its kind.
fn assert_snapshot(kind: Kind, answer: &Answer) {
    assert_eq!(answer.status, kind.status().as_u16(), "{answer}");
    assert_eq!(answer.json["code"], kind.code(), "{answer}");
    let media_type = answer.header("content-type");
    assert_eq!(media_type, Some("application/problem+json"), "{answer}");
    let headers: Value = ["allow", "retry-after", "www-authenticate"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), Value::from(answer.header(name)?))))
        .collect();
    compare(
        kind,
        &json!({ "status": answer.status, "headers": headers, "body": answer.json }),
    );
}

fn compare(kind: Kind, found: &Value) {
    let text = serde_json::to_string_pretty(&redacted(found)).expect("JSON");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(kind.code(), text));
}

/// The same in the order of the names, with words in the place of ids and times, which are others in each run.
fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => redacted_text(text).into(),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let redacted = members.into_iter().map(|(name, member)| {
                let member = match name.as_str() {
                    "request_id" => json!("[id of the request]"),
                    "retry-after" => json!("[seconds]"),
                    "type" => json!(without_host(member.as_str().unwrap_or_default())),
                    _ => redacted(member),
                };
                (name.clone(), member)
            });
            redacted.collect()
        }
        _ => value.clone(),
    }
}

/// The address of a kind's description, wherever the deployment is.
fn without_host(address: &str) -> String {
    let path = address.find("/docs/").map_or("", |at| &address[at..]);
    format!("[deployment]{path}")
}

fn redacted_text(text: &str) -> String {
    let part_of_an_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
    let mut result = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !part_of_an_id(c)).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['-', ':', '.']);
        let waits = result.ends_with("Wait ") && word.parse::<u64>().is_ok();
        result += if waits {
            "[seconds]"
        } else if word.parse::<Uuid>().is_ok() {
            "[id]"
        } else if word.parse::<jiff::Timestamp>().is_ok() {
            "[time]"
        } else if word.parse::<jiff::civil::Date>().is_ok() {
            "[date]"
        } else {
            word
        };
        let next = rest[end..]
            .find(part_of_an_id)
            .map_or(rest.len(), |at| end + at);
        result += &rest[word.len()..next];
        rest = &rest[next..];
    }
    result
}

/// Kinds that no caller meets when all is well: workers do, or something is broken that no test breaks.
#[test]
fn a_kind_that_no_request_meets_has_the_body_of_its_declaration() {
    let unmet = Kind::ALL.iter().filter(|kind| !REACHED.contains(kind));
    for kind in unmet {
        let body = Problem::new(*kind).into_body("r");
        compare(
            *kind,
            &json!({ "declared": true, "status": body.status, "body": body }),
        );
    }
}

#[test]
fn every_kind_has_a_snapshot_and_every_snapshot_a_kind() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/problems/snapshots");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .expect("the snapshots")
        .map(|file| file.expect("a file").file_name().into_string())
        .map(|name| name.expect("UTF-8"))
        .collect();
    let wanted: BTreeSet<String> = Kind::ALL
        .iter()
        .map(|kind| format!("{}.snap", kind.code()))
        .collect();
    assert_eq!(files, wanted);
}

#[test]
fn ids_and_times_are_redacted_and_nothing_else() {
    let id = "0198c0de-0000-7000-8000-00000000000f";
    for (text, expected) in [
        (
            format!("Video {id} of 2026-12-01."),
            "Video [id] of [date].",
        ),
        (
            format!("It is running ({id}, requested)."),
            "It is running ([id], requested).",
        ),
        (
            "At 2026-12-01T10:00:00Z; not before.".into(),
            "At [time]; not before.",
        ),
        (format!("/api/content/{id}"), "/api/content/[id]"),
        (
            "10 of 12 a minute: \u{fc}ber 9.".into(),
            "10 of 12 a minute: \u{fc}ber 9.",
        ),
    ] {
        assert_eq!(redacted_text(&text), expected);
    }
}
