//! What is no token, or is one no longer.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use uuid::Uuid;

use super::{Hostile, Victim};
use crate::support::TokenSigner;

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let victim = Victim::new().await;
    let other = victim.stack.sign_up().await;
    let mut tokens = Hostile::new();
    malformed(
        &victim.signer,
        &victim.user.access_token,
        &other.access_token,
        &mut tokens,
    );
    victim.assert_refused(&tokens).await;
}

/// What is not a token, or is one no longer.
fn malformed(signer: &TokenSigner, token: &str, other: &str, tokens: &mut Hostile) {
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (parts[0], parts[1], parts[2]);
    let others: Vec<&str> = other.split('.').collect();
    let mut push = |name: &str, token: String| tokens.push((name.to_owned(), token));
    for text in [
        ".",
        "..",
        "...",
        "a",
        "a.b",
        "a.b.c",
        "undefined",
        "null",
        "[object Object]",
        "Bearer",
    ] {
        push(text, text.to_owned());
    }
    push("two parts", format!("{header}.{claims}"));
    push("four parts", format!("{token}.x"));
    push("five parts", format!("{token}.x.y"));
    push("twice", format!("{token}.{token}"));
    push("two tokens", format!("{token} {other}"));
    push("the scheme twice", format!("Bearer {token}"));
    push("in quotes", format!("\"{token}\""));
    push("padded", format!("{header}.{claims}.{signature}=="));
    push("padded header", format!("{header}=.{claims}.{signature}"));
    push(
        "a space in the claims",
        format!("{header}.{} {}.{signature}", &claims[..10], &claims[10..]),
    );
    push("no header", format!(".{claims}.{signature}"));
    push("no claims", format!("{header}..{signature}"));
    push("no signature", format!("{header}.{claims}."));
    push(
        "another's claims",
        format!("{header}.{}.{signature}", others[1]),
    );
    push(
        "another's signature",
        format!("{header}.{claims}.{}", others[2]),
    );
    push(
        "the parts turned round",
        format!("{signature}.{claims}.{header}"),
    );

    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let mut forge = |name: &str, signature: &[u8]| {
        push(
            name,
            format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature)),
        );
    };
    forge("a signature of zeros", &[0; 64]);
    forge("a signature of ones", &[0xff; 64]);
    forge("half a signature", &bytes[..32]);
    forge("a signature and a byte", &[&bytes[..], &[0]].concat());
    forge(
        "the halves turned round",
        &[&bytes[32..], &bytes[..32]].concat(),
    );
    let der = [&[0x30, 68, 2, 32][..], &bytes[..32], &[2, 32], &bytes[32..]].concat();
    forge("a signature in DER", &der);
    for position in [0, 13, 31, 32, 47, 63] {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1;
        forge(&format!("bit flipped in byte {position}"), &flipped);
    }

    let good = signer.header().to_string();
    let user = Uuid::new_v4();
    let valid = signer.claims(user);
    for (name, text) in [
        ("claims that are a list", json!([valid]).to_string()),
        (
            "claims in the order of a list",
            json!([
                valid["iss"],
                valid["aud"],
                valid["exp"],
                null,
                null,
                valid["sub"],
                valid["role"]
            ])
            .to_string(),
        ),
        ("claims that are text", json!(valid.to_string()).to_string()),
        ("claims that are null", "null".to_owned()),
        ("claims that are no JSON", "{".to_owned()),
        ("claims that are empty", String::new()),
        ("claims and more", format!("{valid}{valid}")),
        (
            "claims in depth",
            format!("{}{}", "[".repeat(2000), "]".repeat(2000)),
        ),
        (
            "claims in depth beside",
            format!(
                "{{\"deep\":{}{},{}",
                "[".repeat(1000),
                "]".repeat(1000),
                &valid.to_string()[1..]
            ),
        ),
    ] {
        push(name, signer.sign_text(&good, text));
    }
    push(
        "claims that are not UTF-8",
        signer.sign_text(&good, b"{\"sub\":\"\xff\xfe\"}"),
    );
    for (name, text) in [
        ("a header that is a list", "[\"ES256\"]".to_owned()),
        ("a header that is no JSON", "ES256".to_owned()),
        ("alg twice", format!("{{\"alg\":\"none\",{}", &good[1..])),
        ("kid twice", format!("{{\"kid\":\"x\",{}", &good[1..])),
        (
            "a header in depth",
            format!(
                "{{\"x\":{}{},{}",
                "[".repeat(1500),
                "]".repeat(1500),
                &good[1..]
            ),
        ),
    ] {
        push(name, signer.sign_text(text, valid.to_string()));
    }
    for size in [8 * 1024, 16 * 1024] {
        push(
            &format!("{size} bytes and more"),
            format!("{header}.{claims}.{}", "A".repeat(size)),
        );
        let mut large = valid.clone();
        large["user_metadata"] = json!({ "x": "y".repeat(size) });
        push(
            &format!("signed, {size} bytes and more"),
            signer.sign(&signer.header(), &large),
        );
    }
}
