//! Tokens that another key, another algorithm or nobody signed.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Hostile, Victim};
use crate::support::{Stack, TokenSigner, message, sign_with};

#[tokio::test]
async fn a_token_that_names_another_algorithm_is_refused() {
    let victim = Victim::new().await;
    let mut tokens = Hostile::new();
    algorithms(&victim.signer, victim.user.id, &mut tokens);
    victim.assert_refused(&tokens).await;
}

#[tokio::test]
async fn a_token_under_a_secret_that_others_know_is_refused() {
    let victim = Victim::new().await;
    let mut tokens = Hostile::new();
    shared_secrets(&victim.signer, &victim.stack, victim.user.id, &mut tokens);
    victim.assert_refused(&tokens).await;
}

#[tokio::test]
async fn a_token_under_another_key_is_refused() {
    let victim = Victim::new().await;
    let mut tokens = Hostile::new();
    foreign_keys(&victim.signer, victim.user.id, &mut tokens);
    victim.assert_refused(&tokens).await;
}

#[tokio::test]
async fn a_token_that_names_no_key_of_ours_is_refused() {
    let victim = Victim::new().await;
    let mut tokens = Hostile::new();
    key_ids(&victim.signer, victim.user.id, &mut tokens);
    victim.assert_refused(&tokens).await;
}

/// The right key, another algorithm's name.
fn algorithms(signer: &TokenSigner, user: Uuid, tokens: &mut Hostile) {
    let claims = signer.claims(user);
    let names = [
        "none", "None", "NONE", "nOnE", "", "es256", "Es256", "ES256 ", "ES256\0", "HS256",
        "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512",
        "ES256K", "EdDSA", "dir",
    ];
    let values = [
        json!(null),
        json!(5),
        json!(["ES256"]),
        json!({ "alg": "ES256" }),
        json!(true),
    ];
    for alg in names.into_iter().map(Value::from).chain(values) {
        let mut header = signer.header();
        header["alg"] = alg.clone();
        tokens.push((format!("alg {alg}"), signer.sign(&header, &claims)));
        if alg
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("none"))
        {
            let bare = message(header.to_string(), claims.to_string());
            tokens.push((format!("alg {alg}, no signature"), format!("{bare}.")));
            tokens.push((format!("alg {alg}, no third part"), bare));
        }
    }
    let mut header = signer.header();
    header.as_object_mut().expect("an object").remove("alg");
    tokens.push(("no alg".into(), signer.sign(&header, &claims)));
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["b64"])),
    ] {
        let mut header = signer.header();
        header[name] = value.clone();
        header["b64"] = json!(false);
        tokens.push((format!("{name} {value}"), signer.sign(&header, &claims)));
    }
}

/// HS256 under everything that an attacker knows or may have found, and API keys in the place of a user's token.
fn shared_secrets(signer: &TokenSigner, stack: &Stack, user: Uuid, tokens: &mut Hostile) {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let (x, y) = (decode(&signer.x), decode(&signer.y));
    let point = [&[4][..], &x, &y].concat();
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = [&prefix[..], &point].concat();
    let body = STANDARD.encode(&der);
    let (first, second) = body.split_at(64);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n");
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": signer.x, "y": signer.y });
    let secrets: Vec<(&str, Vec<u8>)> = vec![
        ("the point", point),
        ("the coordinates", [x.clone(), y].concat()),
        ("x", x),
        ("x as text", signer.x.clone().into_bytes()),
        ("the DER key", der),
        ("the PEM key", pem.clone().into_bytes()),
        ("the PEM key, trimmed", pem.trim_end().as_bytes().to_vec()),
        ("the JWK", jwk.to_string().into_bytes()),
        ("nothing", Vec::new()),
        ("a guess", b"secret".to_vec()),
        ("the key's id", signer.kid.clone().into_bytes()),
        (
            "the publishable key",
            stack.publishable_key.clone().into_bytes(),
        ),
        (
            "the legacy secret, which is not configured",
            signer.jwt_secret.clone().into_bytes(),
        ),
    ];
    for (name, secret) in secrets {
        for header in [
            json!({ "alg": "HS256", "typ": "JWT" }),
            json!({ "alg": "HS256", "typ": "JWT", "kid": signer.kid }),
        ] {
            let token = TokenSigner::sign_shared(&secret, &header, &signer.claims(user));
            tokens.push((format!("HS256 with {name}, {header}"), token));
        }
    }
    for (name, key) in [
        ("anon", &signer.anon_key),
        ("service_role", &signer.service_role_key),
        ("publishable", &stack.publishable_key),
        ("secret", &stack.secret_key),
        ("cron", &stack.cron_secret),
    ] {
        tokens.push((format!("the {name} key"), key.clone()));
    }
}

/// Signatures of keys that are not the project's.
fn foreign_keys(signer: &TokenSigner, user: Uuid, tokens: &mut Hostile) {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let key = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        document.expect("a key").as_ref(),
    )
    .expect("a key");
    let point = key.public_key().as_ref();
    let own = json!({
        "kty": "EC", "crv": "P-256", "kid": signer.kid, "use": "sig", "alg": "ES256",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    });
    let claims = signer.claims(user).to_string();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("jwk", own.clone()),
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/chain")),
        ("x5c", json!([STANDARD.encode(point)])),
        ("x5t", json!("AAAA")),
    ] {
        let mut header = signer.header();
        header[name] = value;
        let token = sign_with(&key, header.to_string(), &claims);
        tokens.push((format!("another key, with {name}"), token));
    }
    let mut header = signer.header();
    header["kid"] = json!("attacker");
    header["jwk"] = own;
    tokens.push((
        "another key that it brings along".into(),
        sign_with(&key, header.to_string(), &claims),
    ));

    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    for alg in ["RS256", "ES256"] {
        let mut header = signer.header();
        header["alg"] = json!(alg);
        let message = message(header.to_string(), &claims);
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .expect("a signature");
        tokens.push((
            format!("an RSA signature as {alg}"),
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)),
        ));
    }
}

/// Ids that no key has.
fn key_ids(signer: &TokenSigner, user: Uuid, tokens: &mut Hostile) {
    let mut ids = vec![
        json!(null),
        json!(""),
        json!(0),
        json!([]),
        json!({}),
        json!("../../etc/passwd"),
        json!("' or 1=1 --"),
        json!("\u{0}"),
        json!("k".repeat(4000)),
        json!(signer.kid.to_uppercase()),
        json!(format!("{} ", signer.kid)),
        json!("https://attacker.example/key"),
        json!([signer.kid]),
    ];
    ids.extend((0..10).map(|_| json!(Uuid::new_v4())));
    for id in ids {
        let mut header = signer.header();
        header["kid"] = id.clone();
        let mut name = format!("kid {id}");
        name.truncate(60);
        tokens.push((name, signer.sign(&header, &signer.claims(user))));
    }
    let header = json!({ "alg": "ES256", "typ": "JWT" });
    tokens.push(("no kid".into(), signer.sign(&header, &signer.claims(user))));
}
