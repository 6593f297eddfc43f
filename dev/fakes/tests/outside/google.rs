//! Consent, tokens, revocation.

use base64::Engine as _;
use serde_json::json;

use crate::support::{ALL, REDIRECT, Stand, code, send};

fn challenge(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest.as_ref())
}

#[tokio::test]
async fn consent_redirects_with_the_state_and_a_code() {
    let stand = Stand::start().await;
    let answer = stand.consent("creator", ALL, &[]).await;
    assert_eq!(answer.status, 302);
    let location = answer.header("location").unwrap_or_default();
    assert!(
        location.starts_with(&format!("{REDIRECT}?state=s+t&code=")),
        "{location}"
    );
}

#[tokio::test]
async fn a_refusal_redirects_with_access_denied() {
    let stand = Stand::start().await;
    stand
        .account(json!({"account": "no", "refuses": true}))
        .await;
    let answer = stand.consent("no", ALL, &[]).await;
    assert_eq!(
        answer.header("location"),
        Some(format!("{REDIRECT}?error=access_denied&state=s+t").as_str())
    );
}

#[tokio::test]
async fn a_wrong_redirect_uri_is_a_page_and_no_redirect() {
    let stand = Stand::start().await;
    for uri in [
        "http://example.com/x",
        "https://example.com/x#y",
        "https://user@example.com/",
    ] {
        let answer = stand
            .consent("creator", ALL, &[("redirect_uri", uri)])
            .await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.text.contains("redirect_uri_mismatch") && answer.header("location").is_none()
        );
    }
    let url = format!("{}/_control/clients", stand.urls.google);
    stand.post(url, json!({"client_id": "client", "client_secret": "x", "redirect_uris": ["https://app.example/cb"]})).await;
    assert!(
        stand
            .consent("creator", ALL, &[])
            .await
            .text
            .contains("redirect_uri_mismatch")
    );
    assert_eq!(
        stand
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
    let stand = Stand::start().await;
    let first = stand
        .exchange(&code(&stand.consent("creator", ALL, &[]).await))
        .await;
    assert_eq!(first.status, 200);
    assert_eq!(first.json()["expires_in"], 3599);
    assert_eq!(first.json()["token_type"], "Bearer");
    assert!(first.json()["refresh_token"].is_string());
    let second = stand
        .exchange(&code(&stand.consent("creator", ALL, &[]).await))
        .await;
    assert!(second.json().get("refresh_token").is_none());
    let third = stand
        .exchange(&code(
            &stand
                .consent("creator", ALL, &[("prompt", "consent")])
                .await,
        ))
        .await;
    assert!(third.json()["refresh_token"].is_string());
    let online = stand
        .exchange(&code(
            &stand
                .consent(
                    "creator",
                    ALL,
                    &[("prompt", "consent"), ("access_type", "online")],
                )
                .await,
        ))
        .await;
    assert!(online.json().get("refresh_token").is_none());
}

#[tokio::test]
async fn an_unticked_scope_is_missing_from_the_answer() {
    let stand = Stand::start().await;
    stand
        .account(json!({"account": "picky", "scopes_granted": ["youtube.readonly"]}))
        .await;
    let tokens = stand
        .exchange(&code(&stand.consent("picky", ALL, &[]).await))
        .await
        .json();
    assert_eq!(
        tokens["scope"],
        "https://www.googleapis.com/auth/youtube.readonly"
    );
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let stand = Stand::start().await;
    let verifier = "v".repeat(43);
    let hash = challenge(&verifier);
    let pkce = [
        ("code_challenge", hash.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let fields = |code: &str, verifier: &str| {
        [
            ("grant_type", "authorization_code"),
            ("client_id", "client"),
            ("redirect_uri", REDIRECT),
            ("code", code),
            ("code_verifier", verifier),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let code_1 = code(&stand.consent("creator", ALL, &pkce).await);
    let token = |fields: [(String, String); 5]| {
        send(
            stand
                .http
                .post(format!("{}/token", stand.urls.google))
                .form(&fields),
        )
    };
    let wrong = token(fields(&code_1, &"w".repeat(43))).await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Bad Request"})
        )
    );
    assert_eq!(token(fields(&code_1, &verifier)).await.status, 200);
    assert_eq!(
        token(fields(&code_1, &verifier)).await.json()["error"],
        "invalid_grant"
    );
    let code_2 = code(&stand.consent("creator", ALL, &pkce).await);
    stand.advance(11 * 60);
    assert_eq!(
        token(fields(&code_2, &verifier)).await.json()["error"],
        "invalid_grant",
        "codes live ten minutes"
    );
}

#[tokio::test]
async fn a_refresh_gives_an_access_token_and_no_refresh_token() {
    let stand = Stand::start().await;
    let (access, refresh) = stand.connect("creator", ALL).await;
    let answer = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await;
    assert_eq!(answer.status, 200);
    assert!(answer.json().get("refresh_token").is_none());
    assert_ne!(answer.json()["access_token"], access);
    let state = stand.state(&stand.urls.google).await;
    assert_eq!(state["refreshes"], 1);
    assert_eq!(state["accounts"]["creator"]["refreshes"], 1);
}

#[tokio::test]
async fn a_revoked_grant_is_an_invalid_grant_and_its_access_tokens_die() {
    let stand = Stand::start().await;
    let (access, refresh) = stand.connect("creator", ALL).await;
    let revoke = || {
        send(
            stand
                .http
                .post(format!("{}/revoke", stand.urls.google))
                .form(&[("token", &refresh)]),
        )
    };
    let first = revoke().await;
    assert_eq!((first.status, first.json()), (200, json!({})));
    assert_eq!(revoke().await.status, 400);
    let answer = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
        )
    );
    assert_eq!(
        stand
            .youtube(&access, "channels?part=id&mine=true")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_refresh_token_of_a_project_in_testing_dies_after_seven_days() {
    let stand = Stand::start().await;
    stand
        .knobs(
            &stand.urls.google,
            json!({"account": "creator", "refresh_token_seconds": 604_800}),
        )
        .await;
    let (_, refresh) = stand.connect("creator", ALL).await;
    stand.advance(604_801);
    let answer = stand
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            ("client_id", "client"),
        ])
        .await;
    assert_eq!(
        answer.json()["error_description"],
        "Token has been expired or revoked."
    );
}

#[tokio::test]
async fn a_bad_client_is_refused_with_401() {
    let stand = Stand::start().await;
    let url = format!("{}/_control/clients", stand.urls.google);
    stand
        .post(
            url,
            json!({"client_id": "client", "client_secret": "right"}),
        )
        .await;
    let answer = stand.exchange("any").await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            401,
            json!({"error": "invalid_client", "error_description": "The OAuth client was not found."})
        )
    );
}

#[tokio::test]
async fn the_token_endpoint_can_be_made_to_flake_for_one_account_only() {
    let stand = Stand::start().await;
    stand.account(json!({"account": "other"})).await;
    let (_, mine) = stand.connect("creator", ALL).await;
    let (_, theirs) = stand.connect("other", ALL).await;
    stand
        .fault(
            &stand.urls.google,
            json!({"operation": "token", "account": "creator", "error": "internal_failure"}),
        )
        .await;
    let refresh = |token: String| {
        let stand = &stand;
        async move {
            stand
                .token(&[
                    ("grant_type", "refresh_token"),
                    ("refresh_token", &token),
                    ("client_id", "client"),
                ])
                .await
        }
    };
    assert_eq!(refresh(theirs).await.status, 200);
    let flake = refresh(mine.clone()).await;
    assert_eq!(
        (flake.status, flake.json()),
        (500, json!({"error": "internal_failure"}))
    );
    assert_eq!(refresh(mine).await.status, 200);
}

#[tokio::test]
async fn an_expired_access_token_gets_the_401_of_all_google_apis() {
    let stand = Stand::start().await;
    let (access, _) = stand.connect("creator", ALL).await;
    stand.advance(3_600);
    let answer = stand.youtube(&access, "channels?part=id&mine=true").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.reason(), "authError");
    assert_eq!(answer.json()["error"]["status"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn each_method_asks_for_its_scope() {
    let stand = Stand::start().await;
    let (upload_only, _) = stand
        .connect("creator", "https://www.googleapis.com/auth/youtube.upload")
        .await;
    for path in [
        "channels?part=id&mine=true",
        "videos?part=id&id=x",
        "playlistItems?part=id&playlistId=x",
    ] {
        let answer = stand.youtube(&upload_only, path).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.reason(), "insufficientPermissions");
        assert_eq!(
            answer.json()["error"]["details"][0]["reason"],
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        );
    }
    let update = stand
        .http
        .put(format!(
            "{}/youtube/v3/videos?part=status",
            stand.urls.youtube
        ))
        .bearer_auth(&upload_only)
        .json(&json!({"id": "x"}));
    assert_eq!(send(update).await.reason(), "insufficientPermissions");
    stand.session(&upload_only, 10).await;

    stand.account(json!({"account": "reader"})).await;
    let (read_only, _) = stand
        .connect("reader", "https://www.googleapis.com/auth/youtube.readonly")
        .await;
    assert_eq!(
        stand
            .youtube(&read_only, "channels?part=id&mine=true")
            .await
            .status,
        200
    );
    assert_eq!(
        stand
            .start_upload(&read_only, 10, &json!({}))
            .await
            .reason(),
        "insufficientPermissions"
    );
    let report = format!(
        "{}/v2/reports?ids=channel==MINE&startDate=2026-01-01&endDate=2026-02-01&metrics=views",
        stand.urls.youtube
    );
    let answer = send(stand.http.get(report).bearer_auth(&read_only)).await;
    assert_eq!(
        (answer.status, answer.json()["error"]["message"].as_str()),
        (403, Some("Forbidden"))
    );
}
