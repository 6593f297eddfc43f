//! What only a person can do, with the values to paste.

use clients::google_oauth::SCOPES;

use super::vercel::domain::Address;
use super::wanted::Wanted;

/// What is checked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    GoogleClient,
    GooglePublished,
    YouTubeAudit,
    DerivedMetrics,
    Gemini,
    RevId,
    Mail,
    Domain,
}

/// One thing.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) title: &'static str,
    pub(super) check: Check,
    lines: Vec<String>,
}

fn item(check: Check, title: &'static str, lines: impl IntoIterator<Item = String>) -> Item {
    let lines = lines.into_iter().collect();
    Item {
        title,
        check,
        lines,
    }
}

/// All of it. Numbers stay the same from run to run; only a domain of one's own adds one, at the end.
pub(super) fn items(wanted: &Wanted, reference: &str, address: &Address) -> Vec<Item> {
    let mut items = google(wanted, &address.url);
    items.extend(services(reference));
    if let Some(domain) = &wanted.domain {
        let record =
            |[kind, name, value]: &[String; 3]| format!("{kind} record of {name}: {value}");
        let records = address.records.iter().map(record);
        let lines = std::iter::once(format!("Where {domain} is administered:")).chain(records);
        items.push(item(
            Check::Domain,
            "Point your domain at the deployment",
            lines,
        ));
    }
    items
}

fn google(wanted: &Wanted, app: &str) -> Vec<Item> {
    let host = app.split("://").last().unwrap_or(app);
    let scopes = SCOPES.iter().map(|scope| format!("  {scope}"));
    vec![
        item(Check::GoogleClient, "Make the Google OAuth client", [
            "https://console.cloud.google.com/apis/library/youtube.googleapis.com: make or choose a project and enable YouTube Data API v3".to_owned(),
            "https://console.cloud.google.com/apis/library/youtubeanalytics.googleapis.com: enable YouTube Analytics API".to_owned(),
            "https://console.cloud.google.com/auth/clients: Create client, type Web application".to_owned(),
            format!("Authorised JavaScript origins: {app}"),
            format!("Authorised redirect URIs: {app}/api/channels/callback"),
            "Put the two values into .env as GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, and run this command again".to_owned(),
        ]),
        item(Check::GooglePublished, "Have the app verified by Google", [
            format!("https://console.cloud.google.com/auth/branding: home page {app}, authorised domain {host}, your privacy policy and terms"),
            "https://console.cloud.google.com/auth/scopes: add these scopes, which Google calls sensitive".to_owned(),
        ].into_iter().chain(scopes).chain([
            "https://console.cloud.google.com/auth/audience: Publish app, then Prepare for verification".to_owned(),
            "Until then at most 100 people can connect a channel, and in testing each loses it after seven days".to_owned(),
        ])),
        item(Check::YouTubeAudit, "Pass YouTube's audit", [
            "https://support.google.com/youtube/contact/yt_api_form: the API project's number, and what this service does".to_owned(),
            "Until then every video that the API uploads stays private, whatever is asked".to_owned(),
            "The same form asks for more quota, which you need beyond a few channels (docs/scaling.md)".to_owned(),
        ]),
        item(Check::DerivedMetrics, "Have the derived-metrics amendment accepted", [
            "In the same form: this service computes scores of its own from YouTube's data, which the developer policies allow only with an amendment".to_owned(),
            "Scores stay hidden until you record it: catalyst settings set derived_metrics_accepted_at <day>".to_owned(),
            format!("with DATABASE_URL from .env.deploy.{}", wanted.name),
        ]),
    ]
}

fn services(reference: &str) -> Vec<Item> {
    vec![
        item(Check::Gemini, "Make a Gemini key", [
            "https://aistudio.google.com/apikey: Create API key, in a project with billing: prompts of free keys are read for training".to_owned(),
            "Put it into .env as GEMINI_API_KEY, and run this command again".to_owned(),
        ]),
        item(Check::RevId, "Take the RevID key", [
            "In your account at https://www.revid.ai: the API key, with a plan that has credits".to_owned(),
            "Put it into .env as REVID_API_KEY, and run this command again".to_owned(),
        ]),
        item(Check::Mail, "Send mail through a server of your own", [
            "Supabase's own mail goes to members of your organization only, a few an hour: nobody else could sign up".to_owned(),
            "Put your provider's values into .env as SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASS, SMTP_SENDER and SMTP_NAME, and run this again;".to_owned(),
            format!("or give them at https://supabase.com/dashboard/project/{reference}/auth/smtp"),
        ]),
    ]
}

/// The list as text.
pub(super) fn written(items: &[Item], name: &str) -> String {
    let mut text = "\nWhat only you can do, in any order:\n".to_owned();
    for (index, item) in items.iter().enumerate() {
        let number = index + 1;
        text.push_str(&format!("{number}. {}\n", item.title));
        for line in &item.lines {
            text.push_str(&format!("     {line}\n"));
        }
        text.push_str(&format!(
            "     check: catalyst deploy --name {name} --check {number}\n"
        ));
    }
    text
}
