use std::{path::Path, time::Duration};

use http::{HeaderMap, HeaderValue, Uri, header};

use super::Rules;

fn with_cookie(cookie: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))])
}

#[test]
fn sources_fit_as_on_the_platform() {
    let rules = Rules::parse(
        r#"{
          "cleanUrls": true,
          "redirects": [
            {"source": "/old/:id", "destination": "/new/:id", "permanent": false},
            {"source": "/login", "has": [{"type": "cookie", "key": "s", "value": "a+"}], "destination": "/app"},
            {"source": "/login", "missing": [{"type": "query", "key": "stay"}], "destination": "/welcome"}
          ],
          "rewrites": [
            {"source": "/v/:id", "destination": "/api/videos/:id"},
            {"source": "/files/:path*", "destination": "/api/files"},
            {"source": "/api/videos/(.*)", "destination": "/api/videos"}
          ],
          "headers": [{"source": "/api/(.*)", "headers": [{"key": "cache-control", "value": "no-store"}]}],
          "functions": {"api/cron/*.rs": {"maxDuration": 300}, "api/videos/[id].rs": {"maxDuration": 5}, "api/**/*.rs": {"maxDuration": 30}}
        }"#,
    )
    .unwrap();
    let redirect = |uri: &'static str, headers: &HeaderMap| {
        rules
            .redirect(&Uri::from_static(uri), headers)
            .map(|(target, status)| (target, status.as_u16()))
    };
    let rewrite = |path: &'static str| {
        rules
            .rewrites(&Uri::from_static(path), &HeaderMap::new())
            .find_map(|rewrite| rewrite.apply(path))
    };
    assert!(rules.clean_urls);
    assert_eq!(
        redirect("/old/7", &HeaderMap::new()),
        Some(("/new/7".to_owned(), 307))
    );
    assert_eq!(
        redirect("/login", &with_cookie("x=1; s=aaa")),
        Some(("/app".to_owned(), 308))
    );
    assert_eq!(
        redirect("/login", &with_cookie("s=aab")),
        Some(("/welcome".to_owned(), 308))
    );
    assert_eq!(redirect("/login?stay=1", &with_cookie("t=aaa")), None);
    assert_eq!(
        rewrite("/v/77").unwrap(),
        ("/api/videos/77".to_owned(), vec![])
    );
    assert_eq!(
        rewrite("/files/a/b").unwrap(),
        (
            "/api/files".to_owned(),
            vec![("path".to_owned(), "a/b".to_owned())]
        )
    );
    assert!(rewrite("/files").is_some());
    assert_eq!(
        rewrite("/api/videos/7/more").unwrap(),
        ("/api/videos".to_owned(), vec![])
    );
    assert_eq!(rewrite("/api/videos"), None);
    assert_eq!(rewrite("/v/7/8"), None);
    assert_eq!(rules.headers("/api/x/y").count(), 1);
    assert_eq!(rules.headers("/").count(), 0);
    assert_eq!(rules.duration("api/videos/[id].rs"), Duration::from_secs(5));
    assert_eq!(rules.duration("api/a/b/c.rs"), Duration::from_secs(30));
    assert_eq!(
        rules.duration("api/cron/dispatch.rs"),
        Duration::from_secs(300)
    );
}

#[test]
fn what_the_platform_refuses_or_does_not_find_is_refused() {
    let page = r#"{"cleanUrls": true, "rewrites": [{"source": "/d/:id", "destination": "/dashboard.html?x=1"}]}"#;
    let problem = Rules::parse(page).unwrap_err().to_string();
    assert!(problem.contains("/dashboard.html"), "{problem}");
    assert!(Rules::parse(&page.replace("true", "false")).is_ok());

    let files = ["api/me.rs", "api/video.rs"];
    let fit = |patterns: &str| {
        Rules::parse(&format!(r#"{{"functions": {{{patterns}}}}}"#))
            .unwrap()
            .all_patterns_fit(&files)
    };
    assert_eq!(fit(r#""api/me.rs": {}, "api/*.rs": {}"#), Ok(()));
    for (patterns, idle) in [
        (r#""api/*.rs": {}, "api/me.rs": {}"#, "api/me.rs"),
        (r#""api/*.rs": {}, "api/cron/*.rs": {}"#, "api/cron/*.rs"),
    ] {
        assert!(fit(patterns).unwrap_err().contains(idle), "{patterns}");
    }
}

#[test]
fn the_first_pattern_in_the_file_decides_how_long_a_function_may_take() {
    let rules = Rules::parse(
        r#"{"functions": {"api/me.rs": {"maxDuration": 300}, "api/*.rs": {"maxDuration": 30}}}"#,
    )
    .unwrap();
    assert_eq!(rules.duration("api/me.rs"), Duration::from_secs(300));
    assert_eq!(rules.duration("api/admin.rs"), Duration::from_secs(30));
    assert_eq!(rules.declared_duration("api/x/y.rs"), None);
    assert_eq!(rules.duration("api/x/y.rs"), Duration::from_secs(300));
}

#[test]
fn whoever_has_a_session_cookie_is_led_from_the_front_page_to_the_dashboard() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vercel.json");
    let rules = Rules::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
    let redirected = |path: &'static str, cookie: &'static str| {
        rules
            .redirect(&Uri::from_static(path), &with_cookie(cookie))
            .map(|(target, status)| (target, status.as_u16()))
    };
    let there = Some(("/dashboard".to_owned(), 307));
    for cookie in [
        "sb-abcdefghijklmnopqrst-auth-token=base64-eyJ9",
        "theme=dark; sb-abcdefghijklmnopqrst-auth-token.0=base64-eyJ9; sb-abcdefghijklmnopqrst-auth-token.1=x",
        "sb-auth-auth-token=x; a=b",
        "sb-dashboard-auth-token=1",
    ] {
        assert_eq!(redirected("/", cookie), there, "{cookie}");
        assert_eq!(redirected("/docs/errors", cookie), None, "{cookie}");
    }
    for cookie in [
        "theme=dark",
        "sb-abc-auth-token=",
        "sb-abc-auth-token-code-verifier=x",
        "xsb-abc-auth-token=x",
        "a=sb-abc-auth-token=x",
    ] {
        assert_eq!(redirected("/", cookie), None, "{cookie}");
    }
    assert!(
        rules
            .redirect(&Uri::from_static("/"), &HeaderMap::new())
            .is_none()
    );
}
