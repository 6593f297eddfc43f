//! Hostile access tokens against a real function: none is accepted, none is more than a 401.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Mint, Stack, assert_problem, message, sign_with};

type Hostile = Vec<(String, String)>;

#[tokio::test]
async fn no_hostile_token_is_accepted() {
    let stack = Stack::from_env();
    let (user, other) = (stack.sign_up().await, stack.sign_up().await);
    let mint = Mint::of(&stack);

    let mut tokens: Hostile = Vec::new();
    algorithms(&mint, user.id, &mut tokens);
    shared_secrets(&mint, &stack, user.id, &mut tokens);
    foreign_keys(&mint, user.id, &mut tokens);
    key_ids(&mint, user.id, &mut tokens);
    claims(&mint, user.id, &mut tokens);
    times(&mint, user.id, &mut tokens);
    malformed(&mint, &user.access_token, &other.access_token, &mut tokens);
    assert!(tokens.len() >= 120, "{}", tokens.len());

    let mut wrong = Vec::new();
    for (name, token) in &tokens {
        let answer = stack.api(Some(token)).get("/api/me").await;
        if !is_refusal(&answer) {
            wrong.push(format!("{name}: {answer}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        tokens.len(),
        wrong.join("\n")
    );
    println!("{} hostile tokens, 0 accepted", tokens.len());

    // The same process answers the good one.
    user.api.get("/api/me").await.status(200);
}

#[tokio::test]
async fn good_tokens_pass() {
    let stack = Stack::from_env();
    let user = stack.sign_up().await;
    let mint = Mint::of(&stack);
    let now = Timestamp::now().as_second();
    for (name, value) in [
        ("aud", json!(["authenticated"])),
        ("aud", json!(["something", "authenticated"])),
        ("exp", json!(now + 600_000)),
        ("nbf", json!(now - 1)),
        (
            "app_metadata",
            json!({ "role": "admin", "provider": "email" }),
        ),
    ] {
        let token = mint.sign(
            &mint.header(),
            &changed(&mint, user.id, name, value.clone()),
        );
        let answer = stack.api(Some(&token)).get("/api/me").await;
        assert_eq!(answer.status, 200, "{name} {value}: {answer}");
    }
}

#[tokio::test]
async fn a_token_of_an_account_that_is_gone_is_refused() {
    let stack = Stack::from_env();
    let token = Mint::of(&stack).token(Uuid::new_v4());
    let answer = stack.api(Some(&token)).get("/api/me").await;
    assert_problem(&answer, 401, "token_invalid");
}

fn is_refusal(answer: &Answer) -> bool {
    answer.status == 401
        && answer.header("content-type") == Some("application/problem+json")
        && answer.header("www-authenticate").is_some()
        && matches!(
            answer.json["code"].as_str(),
            Some("token_invalid" | "token_expired" | "token_missing")
        )
}

fn changed(mint: &Mint, user: Uuid, name: &str, value: Value) -> Value {
    let mut claims = mint.claims(user);
    claims[name] = value;
    claims
}

/// The right key, another algorithm's name.
fn algorithms(mint: &Mint, user: Uuid, tokens: &mut Hostile) {
    let claims = mint.claims(user);
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
        let mut header = mint.header();
        header["alg"] = alg.clone();
        tokens.push((format!("alg {alg}"), mint.sign(&header, &claims)));
        if alg
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("none"))
        {
            let bare = message(header.to_string(), claims.to_string());
            tokens.push((format!("alg {alg}, no signature"), format!("{bare}.")));
            tokens.push((format!("alg {alg}, no third part"), bare));
        }
    }
    let mut header = mint.header();
    header.as_object_mut().expect("an object").remove("alg");
    tokens.push(("no alg".into(), mint.sign(&header, &claims)));
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["b64"])),
    ] {
        let mut header = mint.header();
        header[name] = value.clone();
        header["b64"] = json!(false);
        tokens.push((format!("{name} {value}"), mint.sign(&header, &claims)));
    }
}

/// HS256 under everything that an attacker knows or may have found, and API keys in the place of a user's token.
fn shared_secrets(mint: &Mint, stack: &Stack, user: Uuid, tokens: &mut Hostile) {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let (x, y) = (decode(&mint.x), decode(&mint.y));
    let point = [&[4][..], &x, &y].concat();
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = [&prefix[..], &point].concat();
    let body = STANDARD.encode(&der);
    let (first, second) = body.split_at(64);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n");
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": mint.x, "y": mint.y });
    let secrets: Vec<(&str, Vec<u8>)> = vec![
        ("the point", point),
        ("the coordinates", [x.clone(), y].concat()),
        ("x", x),
        ("x as text", mint.x.clone().into_bytes()),
        ("the DER key", der),
        ("the PEM key", pem.clone().into_bytes()),
        ("the PEM key, trimmed", pem.trim_end().as_bytes().to_vec()),
        ("the JWK", jwk.to_string().into_bytes()),
        ("nothing", Vec::new()),
        ("a guess", b"secret".to_vec()),
        ("the key's id", mint.kid.clone().into_bytes()),
        (
            "the publishable key",
            stack.publishable_key.clone().into_bytes(),
        ),
        (
            "the legacy secret, which is not configured",
            mint.jwt_secret.clone().into_bytes(),
        ),
    ];
    for (name, secret) in secrets {
        for header in [
            json!({ "alg": "HS256", "typ": "JWT" }),
            json!({ "alg": "HS256", "typ": "JWT", "kid": mint.kid }),
        ] {
            let token = Mint::sign_shared(&secret, &header, &mint.claims(user));
            tokens.push((format!("HS256 with {name}, {header}"), token));
        }
    }
    for (name, key) in [
        ("anon", &mint.anon_key),
        ("service_role", &mint.service_role_key),
        ("publishable", &stack.publishable_key),
        ("secret", &stack.secret_key),
        ("cron", &stack.cron_secret),
    ] {
        tokens.push((format!("the {name} key"), key.clone()));
    }
}

/// Signatures of keys that are not the project's.
fn foreign_keys(mint: &Mint, user: Uuid, tokens: &mut Hostile) {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    let key = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        document.expect("a key").as_ref(),
    )
    .expect("a key");
    let point = key.public_key().as_ref();
    let own = json!({
        "kty": "EC", "crv": "P-256", "kid": mint.kid, "use": "sig", "alg": "ES256",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    });
    let claims = mint.claims(user).to_string();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("jwk", own.clone()),
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/chain")),
        ("x5c", json!([STANDARD.encode(point)])),
        ("x5t", json!("AAAA")),
    ] {
        let mut header = mint.header();
        header[name] = value;
        let token = sign_with(&key, header.to_string(), &claims);
        tokens.push((format!("another key, with {name}"), token));
    }
    let mut header = mint.header();
    header["kid"] = json!("attacker");
    header["jwk"] = own;
    tokens.push((
        "another key that it brings along".into(),
        sign_with(&key, header.to_string(), &claims),
    ));

    let rsa = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    for alg in ["RS256", "ES256"] {
        let mut header = mint.header();
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
fn key_ids(mint: &Mint, user: Uuid, tokens: &mut Hostile) {
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
        json!(mint.kid.to_uppercase()),
        json!(format!("{} ", mint.kid)),
        json!("https://attacker.example/key"),
        json!([mint.kid]),
    ];
    ids.extend((0..10).map(|_| json!(Uuid::new_v4())));
    for id in ids {
        let mut header = mint.header();
        header["kid"] = id.clone();
        let mut name = format!("kid {id}");
        name.truncate(60);
        tokens.push((name, mint.sign(&header, &mint.claims(user))));
    }
    let header = json!({ "alg": "ES256", "typ": "JWT" });
    tokens.push(("no kid".into(), mint.sign(&header, &mint.claims(user))));
}

/// Claims that are missing, of another type, or another's. All signed with the right key.
fn claims(mint: &Mint, user: Uuid, tokens: &mut Hostile) {
    let mut push = |name: &str, value: Value| {
        let token = mint.sign(&mint.header(), &changed(mint, user, name, value.clone()));
        tokens.push((format!("{name} {value}"), token));
    };
    let now = Timestamp::now().as_second();
    let types = [
        json!("text"),
        json!((now + 3600).to_string()),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(null),
        json!([]),
        json!([[]]),
        json!(true),
    ];
    for name in [
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "sub",
        "role",
        "app_metadata",
    ] {
        for value in &types {
            push(name, value.clone());
        }
        if name != "app_metadata" {
            push(name, json!({}));
        }
        if !["nbf", "iat"].contains(&name) {
            push(name, json!(-1));
        }
    }
    push("app_metadata", json!(["admin"]));
    push("app_metadata", json!({ "role": ["admin"] }));
    let issuer = mint.claims(user)["iss"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for other in [
        String::new(),
        "supabase".into(),
        format!("{issuer}/"),
        format!("{issuer} "),
        issuer.to_uppercase(),
        issuer.trim_end_matches("/auth/v1").into(),
        format!("{issuer}@attacker.example"),
        "https://attacker.example/auth/v1".into(),
    ] {
        push("iss", json!(other));
    }
    push("iss", json!([issuer]));
    for other in [
        json!(""),
        json!("anon"),
        json!("Authenticated"),
        json!("authenticated "),
        json!(["other"]),
        json!([["authenticated"]]),
        json!(["authenticated", 1]),
    ] {
        push("aud", other);
    }
    for other in [
        "",
        "anon",
        "service_role",
        "postgres",
        "Authenticated",
        "authenticated ",
        "admin",
    ] {
        push("role", json!(other));
    }
    push("role", json!(["authenticated"]));
    for other in [
        String::new(),
        "0".into(),
        user.simple().to_string(),
        user.urn().to_string(),
        user.braced().to_string(),
        format!("{user} "),
        format!("{user}' or true"),
        Uuid::nil().to_string(),
        Uuid::new_v4().to_string(),
    ] {
        push("sub", json!(other));
    }
    push("sub", json!([user]));
    for name in ["iss", "aud", "exp", "sub", "role"] {
        let mut claims = mint.claims(user);
        claims.as_object_mut().expect("an object").remove(name);
        tokens.push((format!("no {name}"), mint.sign(&mint.header(), &claims)));
        let text = mint.claims(user).to_string();
        let twice = format!("{{\"{name}\":{},{}", mint.claims(user)[name], &text[1..]);
        tokens.push((
            format!("{name} twice"),
            mint.sign_text(mint.header().to_string(), twice),
        ));
    }
}

/// Past, not yet, and never ending.
fn times(mint: &Mint, user: Uuid, tokens: &mut Hostile) {
    let now = Timestamp::now().as_second();
    for (name, value) in [
        ("exp", now - 30),
        ("exp", now - 31),
        ("exp", now - 3600),
        ("exp", 0),
        ("exp", i64::MIN),
        ("exp", i64::MAX),
        ("exp", now + 9 * 86_400),
        ("exp", (now + 3600) * 1000),
        ("nbf", now + 90),
        ("nbf", i64::MAX),
        ("nbf", (now + 90) * 1000),
        ("iat", now + 90),
        ("iat", i64::MAX),
    ] {
        let claims = changed(mint, user, name, json!(value));
        tokens.push((
            format!("{name} {value}"),
            mint.sign(&mint.header(), &claims),
        ));
    }
}

/// What is not a token, or is one no longer.
fn malformed(mint: &Mint, token: &str, other: &str, tokens: &mut Hostile) {
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

    let good = mint.header().to_string();
    let user = Uuid::new_v4();
    let valid = mint.claims(user);
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
        push(name, mint.sign_text(&good, text));
    }
    push(
        "claims that are not UTF-8",
        mint.sign_text(&good, b"{\"sub\":\"\xff\xfe\"}"),
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
        push(name, mint.sign_text(text, valid.to_string()));
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
            mint.sign(&mint.header(), &large),
        );
    }
}
