use super::*;

fn config(frontend: Option<&str>) -> Config {
    Config::read(&|name| match name {
        "SUPABASE_URL" => Some("http://127.0.0.1:54321".into()),
        "SUPABASE_ANON_KEY" => Some("anon".into()),
        "SUPABASE_SECRET_KEY" => Some("secret".into()),
        "APP_URL" => Some("https://api.example".into()),
        "FRONTEND_URL" => frontend.map(Into::into),
        _ => None,
    })
    .unwrap()
}

#[test]
fn people_return_to_the_front_end_or_to_our_own_pages() {
    let front = config(Some("https://app.example/studio/"));
    let own = config(None);
    for (config, wanted, expected) in [
        (&front, None, "https://app.example/studio/channels"),
        (
            &front,
            Some("/a/b?c=d#e"),
            "https://app.example/studio/a/b?c=d#e",
        ),
        (
            &front,
            Some("https://app.example/x"),
            "https://app.example/x",
        ),
        (
            &front,
            Some("https://api.example/dashboard"),
            "https://api.example/dashboard",
        ),
        (&own, None, "https://api.example/dashboard"),
        (&own, Some("/"), "https://api.example/"),
    ] {
        let address = return_address(config, wanted).map(String::from);
        assert_eq!(address.as_deref(), Some(expected), "{wanted:?}");
    }
}

#[test]
fn nobody_is_sent_to_another_origin() {
    let config = config(Some("https://app.example"));
    for wanted in [
        "",
        "channels",
        "//evil.example",
        "/\\evil.example",
        "/https://evil.example/../..//evil.example",
        "https://evil.example",
        "https://app.example.evil.example",
        "https://app.example@evil.example",
        "https://user@app.example/",
        "http://app.example/",
        "javascript:alert(1)",
        "/a b",
        "/a\nb",
        "/ä",
    ] {
        let address = return_address(&config, Some(wanted));
        let origin = Url::parse("https://app.example").unwrap().origin();
        assert!(
            address
                .as_ref()
                .is_none_or(|address| address.origin() == origin && wanted.starts_with('/')),
            "{wanted}: {address:?}"
        );
    }
}
