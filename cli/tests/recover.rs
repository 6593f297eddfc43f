//! Pointing a deployment at another database: what would change is told first, and only that is done.

use std::collections::BTreeMap;

use catalyst_cli::recover::deployment::{self, Change, Cloudflare, Vercel, Wanted};
use fakes::hosting::{Hosting, PROJECT, TOKEN, ZONE};

fn wanted(hosting: &Hosting, token: &str) -> Wanted {
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    Wanted {
        vercel: Some(Vercel {
            url: hosting.url().to_owned(),
            project: PROJECT.to_owned(),
            team: Some("team_1".to_owned()),
            token: token.into(),
        }),
        variables: pairs(&[
            ("SUPABASE_URL", "https://new.supabase.co"),
            ("SUPABASE_SECRET_KEY", "the new key"),
        ]),
        cloudflare: Some(Cloudflare {
            url: hosting.url().to_owned(),
            zone: ZONE.to_owned(),
            token: token.into(),
        }),
        names: pairs(&[
            ("db.example.org", "new.supabase.co"),
            ("api.example.org", "cname.vercel-dns.com"),
        ]),
    }
}

async fn hosting() -> Hosting {
    Hosting::start(
        &[("SUPABASE_URL", "https://old.supabase.co")],
        &[
            ("db.example.org", "old.supabase.co"),
            ("api.example.org", "cname.vercel-dns.com"),
        ],
    )
    .await
    .expect("a port")
}

#[tokio::test]
async fn a_plan_changes_nothing_and_is_what_is_done() {
    let hosting = hosting().await;
    let wanted = wanted(&hosting, TOKEN);
    let plan = deployment::plan(&wanted).await.expect("a plan");
    assert_eq!(hosting.changes(), 0);
    assert_eq!(
        plan.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "Vercel: add SUPABASE_SECRET_KEY in production",
            "Vercel: replace SUPABASE_URL in production",
            "Vercel: deploy dpl_1 again, with these variables",
            "Cloudflare: point db.example.org at new.supabase.co (now old.supabase.co)",
        ]
    );
    // No value of a variable is ever told.
    assert!(!format!("{plan:?}").contains("the new key"));

    deployment::apply(&wanted, &plan).await.expect("it is done");
    assert_eq!(hosting.changes(), 4);
    assert_eq!(
        hosting.variable("SUPABASE_URL").as_deref(),
        Some("https://new.supabase.co")
    );
    assert_eq!(
        hosting.variable("SUPABASE_SECRET_KEY").as_deref(),
        Some("the new key")
    );
    assert_eq!(
        hosting.name("db.example.org").as_deref(),
        Some("new.supabase.co")
    );
    assert_eq!(
        hosting.name("api.example.org").as_deref(),
        Some("cname.vercel-dns.com")
    );
    assert_eq!(hosting.deployments(), 2);

    // A second plan has nothing to do at Cloudflare.
    let again = deployment::plan(&wanted).await.expect("a plan");
    assert!(
        !again
            .iter()
            .any(|change| matches!(change, Change::Name { .. }))
    );
}

#[tokio::test]
async fn whoever_refuses_is_named_before_anything_is_changed() {
    let hosting = hosting().await;
    let refused = deployment::plan(&wanted(&hosting, "wrong"))
        .await
        .expect_err("a wrong token");
    assert!(
        refused
            .to_string()
            .starts_with("Vercel: 403 Forbidden: forbidden"),
        "{refused}"
    );

    let mut unknown = wanted(&hosting, TOKEN);
    unknown
        .names
        .insert("nowhere.example.org".to_owned(), "x".to_owned());
    let refused = deployment::plan(&unknown)
        .await
        .expect_err("an unknown name");
    assert!(
        refused
            .to_string()
            .contains("nowhere.example.org has 0 records"),
        "{refused}"
    );

    // A token never leaves in the clear.
    let mut open = wanted(&hosting, TOKEN);
    if let Some(vercel) = &mut open.vercel {
        vercel.url = "http://api.example.org".to_owned();
    }
    let refused = deployment::plan(&open).await.expect_err("no https");
    assert!(refused.to_string().contains("not https"), "{refused}");
    assert_eq!(hosting.changes(), 0);
}
