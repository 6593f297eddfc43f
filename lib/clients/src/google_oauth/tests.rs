use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::google_oauth::tokens::SCOPE_PREFIX;

fn client() -> GoogleOauth {
    GoogleOauth {
        transport: Transport::new(),
        client_id: "id.apps".into(),
        client_secret: SecretString::from("a secret"),
        accounts: Url::parse("https://accounts.google.com").unwrap(),
        oauth: Url::parse("https://oauth2.googleapis.com").unwrap(),
    }
}

#[test]
fn the_consent_address_asks_for_everything_that_is_needed() {
    let url = client().consent_url(&Consent {
        redirect_uri: "https://api.example/api/channels/callback",
        state: "s&t=1",
        challenge: &"c".repeat(43),
        login_hint: Some("a@b.example"),
    });
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(url.path(), "/o/oauth2/v2/auth");
    assert_eq!(query["state"], "s&t=1");
    assert_eq!(query["access_type"], "offline");
    assert_eq!(query["prompt"], "select_account consent");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"], "c".repeat(43));
    assert_eq!(query["scope"].split(' ').count(), 5);
    assert_eq!(query["login_hint"], "a@b.example");
    assert!(!url.as_str().contains("secret"));
}

#[test]
fn tokens_are_read_leniently() {
    let read = |body: Value| read_tokens(&body);
    let full = read(json!({
        "access_token": "at", "expires_in": 3599, "refresh_token": "rt", "token_type": "Bearer",
        "scope": "b a", "refresh_token_expires_in": 604_800, "new_field": {},
        "id_token": "e30.eyJzdWIiOiIxMDU3In0.c2ln"
    }))
    .unwrap();
    assert_eq!(full.access.expose(), "at");
    assert_eq!(full.expires_in, Duration::from_secs(3599));
    assert_eq!(full.scopes.unwrap(), ["b", "a"]);
    assert_eq!(full.account.as_deref(), Some("1057"));
    assert!(full.refresh.is_some());
    let week = Duration::from_secs(604_800);
    assert_eq!(full.permission_expires_in, Some(week));
    let text = read(json!({"access_token": "at", "expires_in": "3920"})).unwrap();
    assert_eq!(text.expires_in, Duration::from_secs(3920));
    assert!(text.refresh.is_none() && text.scopes.is_none() && text.account.is_none());
    assert_eq!(text.permission_expires_in, None);
    for odd in [
        json!("soon"),
        json!(-5),
        json!(null),
        json!(1e300),
        json!([]),
    ] {
        let tokens = read(json!({"access_token": "at", "expires_in": odd})).unwrap();
        assert_eq!(tokens.expires_in, Duration::from_secs(300));
    }
    assert!(matches!(read(json!({})), Err(Error::NoToken)));
    assert!(matches!(
        read(json!({"access_token": ""})),
        Err(Error::NoToken)
    ));
}

#[test]
fn debug_shows_no_token() {
    let tokens = read_tokens(
        &json!({"access_token": "canary-at", "refresh_token": "canary-rt", "expires_in": 1}),
    )
    .unwrap();
    assert!(!format!("{tokens:?}").contains("canary"));
    assert!(!format!("{:?}", client()).contains("a secret"));
}

#[test]
fn features_follow_the_granted_scopes() {
    let scopes = |names: &[&str]| {
        names
            .iter()
            .map(|name| format!("{SCOPE_PREFIX}{name}"))
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = SCOPES
        .iter()
        .rev()
        .map(|scope| (*scope).to_owned())
        .collect();
    assert!(Features::of(&all).missing().is_empty());
    assert_eq!(
        Features::of(&scopes(&["youtube.upload"])).missing(),
        ["read", "manage", "analytics"]
    );
    assert_eq!(
        Features::of(&scopes(&["youtube.readonly", "youtube.upload"])).missing(),
        ["manage", "analytics"]
    );
    // Reports need the right to read as well.
    assert_eq!(
        Features::of(&scopes(&["yt-analytics.readonly"])).missing(),
        ["read", "upload", "manage", "analytics"]
    );
    assert!(!Features::of(&["youtube".into()]).read);
}

proptest! {
    #[test]
    fn any_state_survives_the_address(state in "\\PC*") {
        let url = client().consent_url(&Consent {
            redirect_uri: "https://a.example/cb", state: &state, challenge: "c", login_hint: None,
        });
        let back = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        prop_assert_eq!(back, state);
    }
}
