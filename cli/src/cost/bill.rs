//! The lines of a bill: quantity times price.

use serde::Serialize;

use super::plans::{beyond_free, beyond_hobby, projects};
use super::prices::{self as at, COMPUTERS, Price, REVID_PLANS};
use super::usage::Usage;

/// What Supabase's Pro plan includes: GB of disk in each project, and of the organisation egress, files and users.
const DISK_GB: f64 = 8.0;
const EGRESS_GB: f64 = 250.0;
const STORAGE_GB: f64 = 100.0;
const ACTIVE_USERS: f64 = 100_000.0;

/// A line of the bill.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) service: &'static str,
    pub(super) what: String,
    pub(super) quantity: f64,
    pub(super) per: &'static str,
    pub(super) price_usd: f64,
    pub(super) amount_usd: f64,
    pub(super) source: &'static str,
}

fn line(service: &'static str, what: impl Into<String>, quantity: f64, price: Price) -> Line {
    let Price {
        dollars,
        per,
        source,
    } = price;
    let amount_usd = (quantity * dollars * 100.0).round() / 100.0;
    Line {
        service,
        what: what.into(),
        quantity,
        per,
        price_usd: dollars,
        amount_usd,
        source,
    }
}

const FREE: Price = Price {
    dollars: 0.0,
    per: "month",
    source: "",
};

/// Everything that is paid for this use.
pub(super) fn bill(usage: &Usage, commercial: bool) -> Vec<Line> {
    let mut lines = vercel(usage, commercial);
    lines.extend(supabase(usage));
    let (input, output) = (usage.million_tokens_in, usage.million_tokens_out);
    lines.push(line("Gemini", "tokens in", input, at::TOKENS_IN));
    lines.push(line("Gemini", "tokens out", output, at::TOKENS_OUT));
    lines.extend(revid(usage));
    lines
}

fn vercel(usage: &Usage, commercial: bool) -> Vec<Line> {
    let Some(why) = beyond_hobby(usage, commercial) else {
        return vec![line("Vercel", "Hobby plan", 1.0, FREE)];
    };
    let used = [
        line("Vercel", "calls", usage.million_calls, at::INVOCATIONS),
        line("Vercel", "processor time", usage.cpu_hours, at::ACTIVE_CPU),
        line("Vercel", "memory", usage.memory_gb_hours, at::MEMORY),
    ];
    let amount: f64 = used.iter().map(|line| line.amount_usd).sum();
    let included = (amount / -at::VERCEL_PRO_CREDIT.dollars).min(1.0);
    let mut lines = vec![line(
        "Vercel",
        format!("Pro plan ({why})"),
        1.0,
        at::VERCEL_PRO,
    )];
    lines.extend(used);
    lines.push(line(
        "Vercel",
        "usage included",
        included,
        at::VERCEL_PRO_CREDIT,
    ));
    lines
}

fn supabase(usage: &Usage) -> Vec<Line> {
    let Some(why) = beyond_free(usage) else {
        return vec![line("Supabase", "Free plan", 1.0, FREE)];
    };
    let projects = projects(usage);
    let each_gb = usage.database_gb / projects;
    let computer = COMPUTERS.iter().find(|(_, most_gb, _)| each_gb <= *most_gb);
    let (name, _, price) = computer.copied().unwrap_or(COMPUTERS[COMPUTERS.len() - 1]);
    let beyond = |used: f64, included: f64| (used - included).max(0.0);
    vec![
        line(
            "Supabase",
            format!("Pro plan ({why})"),
            1.0,
            at::SUPABASE_PRO,
        ),
        line("Supabase", format!("computers, {name}"), projects, price),
        line("Supabase", "computing included", 1.0, at::COMPUTE_CREDIT),
        line(
            "Supabase",
            "disk",
            projects * beyond(each_gb, DISK_GB),
            at::DISK,
        ),
        line(
            "Supabase",
            "egress",
            beyond(usage.egress_gb, EGRESS_GB),
            at::EGRESS,
        ),
        line(
            "Supabase",
            "files",
            beyond(usage.storage_gb, STORAGE_GB),
            at::STORAGE,
        ),
        line(
            "Supabase",
            "users",
            beyond(usage.active_users, ACTIVE_USERS),
            at::ACTIVE_USERS,
        ),
    ]
}

/// As many of the large plan as are used up, and for the rest the plan that holds it.
fn revid(usage: &Usage) -> Vec<Line> {
    let [
        (small, small_credits, small_price),
        (large, large_credits, large_price),
    ] = REVID_PLANS;
    let mut larges = (usage.credits / large_credits).floor();
    let rest = usage.credits - larges * large_credits;
    let is_small = rest > 0.0 && rest <= small_credits;
    if rest > small_credits {
        larges += 1.0;
    }
    let of = |name: &str, credits: f64| {
        format!("{name} plan ({credits} credits; {} used)", usage.credits)
    };
    let mut lines = Vec::new();
    if larges > 0.0 {
        lines.push(line("RevID", of(large, large_credits), larges, large_price));
    }
    if is_small {
        lines.push(line("RevID", of(small, small_credits), 1.0, small_price));
    }
    lines
}
