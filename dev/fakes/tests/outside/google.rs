//! Consent, tokens, revocation.

use base64::Engine as _;
use fakes::Service::Google;
use serde_json::json;

use crate::support::{ALL, REDIRECT, Servers, code, creator, send};

fn challenge(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_ref())
}

#[tokio::test]
async fn consent_redirects_with_the_state_and_a_code() {
    let servers = Servers::start().await;
    let answer = servers.consent("creator", ALL, &[]).await;
    assert_eq!(answer.status, 302);
    let location = answer.header("location").unwrap_or_default();
    assert!(
        location.starts_with(&format!("{REDIRECT}?state=s+t&code=")),
        "{location}"
    );
}

#[tokio::test]
async fn a_refusal_redirects_with_access_denied() {
    let servers = Servers::start().await;
    servers
        .account(json!({"account": "no", "refuses": true}))
        .await;
    let answer = servers.consent("no", ALL, &[]).await;
    assert_eq!(
        answer.header("location"),
        Some(format!("{REDIRECT}?error=access_denied&state=s+t").as_str())
    );
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_a_page_and_no_redirect() {
    let servers = Servers::start().await;
    for uri in [
        "http://example.com/x",
        "https://example.com/x#y",
        "https://user@example.com/",
    ] {
        let answer = servers
            .consent("creator", ALL, &[("redirect_uri", uri)])
            .await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.text.contains("redirect_uri_mismatch") && answer.header("location").is_none()
        );
    }
    servers.control(Google, "clients", json!({"client_id": "client", "client_secret": "x", "redirect_uris": ["https://app.example/cb"]})).await;
    assert!(
        servers
            .consent("creator", ALL, &[])
            .await
            .text
            .contains("redirect_uri_mismatch")
    );
    assert_eq!(
        servers
            .consent(
                "creator",
                ALL,
                &[("redirect_uri", "https://app.example/cb")]
            )
            .await
            .status,
        302
    );
}

#[tokio::test]
async fn the_first_consent_gives_a_refresh_token_and_a_repeated_one_only_when_asked_again() {
    let servers = Servers::start().await;
    let first = servers.granted("creator", &[]).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.json()["expires_in"], 3599);
    assert_eq!(first.json()["token_type"], "Bearer");
    assert!(first.json()["refresh_token"].is_string());
    let second = servers.granted("creator", &[]).await;
    assert!(second.json().get("refresh_token").is_none());
    let third = servers.granted("creator", &[("prompt", "consent")]).await;
    assert!(third.json()["refresh_token"].is_string());
    let online = servers
        .granted(
            "creator",
            &[("prompt", "consent"), ("access_type", "online")],
        )
        .await;
    assert!(online.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn an_unticked_scope_is_missing_from_the_answer() {
    let servers = Servers::start().await;
    servers
        .account(json!({"account": "picky", "scopes_granted": ["youtube.readonly"]}))
        .await;
    let tokens = servers.granted("picky", &[]).await.json();
    assert_eq!(
        tokens["scope"],
        "https://www.googleapis.com/auth/youtube.readonly"
    );
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let servers = Servers::start().await;
    let verifier = "v".repeat(43);
    let hash = challenge(&verifier);
    let pkce = [
        ("code_challenge", hash.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let exchange = async |code: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", verifier),
        ];
        servers.token(&fields).await
    };
    let first = code(&servers.consent("creator", ALL, &pkce).await);
    exchange(&first, &"w".repeat(43))
        .await
        .assert_oauth_error(400, "invalid_grant", "Bad Request");
    assert_eq!(exchange(&first, &verifier).await.status, 200);
    assert_eq!(
        exchange(&first, &verifier).await.json()["error"],
        "invalid_grant"
    );
    let second = code(&servers.consent("creator", ALL, &pkce).await);
    servers.advance(11 * 60);
    let late = exchange(&second, &verifier).await;
    assert_eq!(
        late.json()["error"],
        "invalid_grant",
        "codes live ten minutes"
    );
}

#[tokio::test]
async fn a_refresh_gives_an_access_token_and_no_refresh_token() {
    let servers = Servers::start().await;
    let (access, refresh) = servers.connect("creator", ALL).await;
    let answer = servers.refresh(&refresh).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json().get("refresh_token").is_none());
    assert_ne!(answer.json()["access_token"], access);
    let state = servers.state(Google).await;
    assert_eq!(state["refreshes"], 1);
    assert_eq!(state["accounts"]["creator"]["refreshes"], 1);
}

#[tokio::test]
async fn a_revoked_grant_is_an_invalid_grant_and_its_access_tokens_die() {
    let servers = Servers::start().await;
    let (access, refresh) = servers.connect("creator", ALL).await;
    let url = format!("{}/revoke", servers.urls.google);
    let revoke = || send(servers.http.post(&url).form(&[("token", &refresh)]));
    let first = revoke().await;
    assert_eq!((first.status, first.json()), (200, json!({})));
    assert_eq!(revoke().await.status, 400);
    let answer = servers.refresh(&refresh).await;
    answer.assert_oauth_error(400, "invalid_grant", "Token has been expired or revoked.");
    assert_eq!(
        servers
            .youtube(&access, "channels?part=id&mine=true")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_refresh_token_of_a_project_in_testing_dies_after_seven_days() {
    let servers = Servers::start().await;
    servers
        .knobs(
            Google,
            json!({"account": "creator", "refresh_token_seconds": 604_800}),
        )
        .await;
    let (_, refresh) = servers.connect("creator", ALL).await;
    servers.advance(604_801);
    let answer = servers.refresh(&refresh).await;
    assert_eq!(
        answer.json()["error_description"],
        "Token has been expired or revoked."
    );
}

#[tokio::test]
async fn a_bad_client_is_refused_with_401() {
    let servers = Servers::start().await;
    servers
        .control(
            Google,
            "clients",
            json!({"client_id": "client", "client_secret": "right"}),
        )
        .await;
    let answer = servers.exchange("any").await;
    answer.assert_oauth_error(401, "invalid_client", "The OAuth client was not found.");
}

#[tokio::test]
async fn the_token_endpoint_can_be_made_to_flake_for_one_account_only() {
    let servers = Servers::start().await;
    servers.account(json!({"account": "other"})).await;
    let (_, mine) = servers.connect("creator", ALL).await;
    let (_, theirs) = servers.connect("other", ALL).await;
    servers
        .fault(
            Google,
            json!({"operation": "token", "account": "creator", "error": "internal_failure"}),
        )
        .await;
    assert_eq!(servers.refresh(&theirs).await.status, 200);
    let flake = servers.refresh(&mine).await;
    assert_eq!(
        (flake.status, flake.json()),
        (500, json!({"error": "internal_failure"}))
    );
    assert_eq!(servers.refresh(&mine).await.status, 200);
}

#[tokio::test]
async fn an_expired_access_token_gets_the_401_of_all_google_apis() {
    let (servers, access) = creator().await;
    servers.advance(3_600);
    let answer = servers.youtube(&access, "channels?part=id&mine=true").await;
    answer.assert_refused(401, "authError");
    assert_eq!(answer.json()["error"]["status"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn each_method_asks_for_its_scope() {
    let servers = Servers::start().await;
    let (upload_only, _) = servers
        .connect("creator", "https://www.googleapis.com/auth/youtube.upload")
        .await;
    for path in [
        "channels?part=id&mine=true",
        "videos?part=id&id=x",
        "playlistItems?part=id&playlistId=x",
    ] {
        let answer = servers.youtube(&upload_only, path).await;
        answer.assert_refused(403, "insufficientPermissions");
        assert_eq!(
            answer.json()["error"]["details"][0]["reason"],
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        );
    }
    let update = servers
        .http
        .put(format!(
            "{}/youtube/v3/videos?part=status",
            servers.urls.youtube
        ))
        .bearer_auth(&upload_only)
        .json(&json!({"id": "x"}));
    send(update)
        .await
        .assert_refused(403, "insufficientPermissions");
    servers.session(&upload_only, 10).await;

    servers.account(json!({"account": "reader"})).await;
    let (read_only, _) = servers
        .connect("reader", "https://www.googleapis.com/auth/youtube.readonly")
        .await;
    assert_eq!(
        servers
            .youtube(&read_only, "channels?part=id&mine=true")
            .await
            .status,
        200
    );
    let upload = servers.start_upload(&read_only, 10, &json!({})).await;
    upload.assert_refused(403, "insufficientPermissions");
    let report = format!(
        "{}/v2/reports?ids=channel==MINE&startDate=2026-01-01&endDate=2026-02-01&metrics=views",
        servers.urls.youtube
    );
    let answer = send(servers.http.get(report).bearer_auth(&read_only)).await;
    assert_eq!(
        (answer.status, answer.json()["error"]["message"].as_str()),
        (403, Some("Forbidden"))
    );
}
