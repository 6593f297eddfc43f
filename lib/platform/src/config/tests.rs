use super::*;

fn minimal(name: &str) -> Option<String> {
    match name {
        "SUPABASE_URL" => Some("http://127.0.0.1:54321".into()),
        "SUPABASE_ANON_KEY" => Some("anon".into()),
        "SUPABASE_SECRET_KEY" => Some("secret".into()),
        "APP_URL" => Some("http://127.0.0.1:54330".into()),
        _ => None,
    }
}

#[test]
fn either_key_style_is_enough_and_the_issuer_follows_the_project() {
    let config = Config::read(&minimal).unwrap();
    assert_eq!(config.supabase.publishable_key, "anon");
    assert_eq!(config.supabase.jwt_issuer, "http://127.0.0.1:54321/auth/v1");
    assert!(config.google.is_none() && config.app.cron_secret.is_none());
    assert_eq!(config.limits.renders_per_month, 50);
}

#[test]
fn a_stand_in_address_counts_only_while_mocking() {
    let with = |mocking: &'static str| {
        Config::read(&|name| match name {
            "REVID_API_KEY" => Some("k".into()),
            "REVID_URL" => Some("http://127.0.0.1:54334".into()),
            "ENABLE_API_MOCKING" => Some(mocking.into()),
            other => minimal(other),
        })
        .unwrap()
        .revid
        .unwrap()
        .url
    };
    assert_eq!(with("true").as_str(), "http://127.0.0.1:54334/");
    assert_eq!(with("false").as_str(), "https://www.revid.ai/");
}

#[test]
fn each_error_names_its_variable() {
    for (name, value) in [
        ("SUPABASE_URL", "ftp://x"),
        ("CRON_SECRET", "short"),
        ("ENABLE_RATE_LIMITING", "yes"),
        ("MAX_API_REQUESTS_PER_MINUTE", "many"),
    ] {
        let error = Config::read(&|n| {
            if n == name {
                Some(value.into())
            } else {
                minimal(n)
            }
        })
        .unwrap_err();
        assert_eq!(error.variable, name);
    }
}

#[test]
fn a_variable_may_stand_under_another_of_its_names_but_not_differently_under_two() {
    let read = |own: Option<&str>, other: &str| {
        let (own, other) = (own.map(str::to_owned), other.to_owned());
        Config::read(&move |name| match name {
            "APP_URL" => own.clone(),
            "NEXT_PUBLIC_APP_URL" => Some(other.clone()),
            name => minimal(name),
        })
    };
    let app = "https://app.example.com";
    assert_eq!(
        read(None, app).unwrap().app.url.host_str(),
        Some("app.example.com")
    );
    assert!(read(Some(app), app).is_ok());
    let error = read(Some("https://example.com"), app).unwrap_err();
    assert_eq!(error.variable, "APP_URL");
    assert!(error.problem.contains("NEXT_PUBLIC_APP_URL"), "{error}");
}
