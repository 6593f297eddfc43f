//! Bills worked out by hand.

use clients::gemini::PriceList;

use super::bill::{Line, bill};
use super::prices;
use super::usage::{Load, Usage};

fn load(channels: u32, videos: u32) -> Load {
    Load {
        channels,
        videos,
        catalogue: 200,
        requests_per_day: 30,
        credits_per_video: 10,
        file_mb: 20,
        months: 12,
    }
}

fn amounts(lines: &[Line]) -> Vec<(&'static str, &str, f64)> {
    let short = |line: &Line| {
        line.what
            .split(" (")
            .next()
            .map(str::len)
            .unwrap_or_default()
    };
    lines
        .iter()
        .map(|line| (line.service, &line.what[..short(line)], line.amount_usd))
        .collect()
}

#[test]
fn one_channel_with_four_videos_pays_for_renders_and_words_alone() {
    let lines = bill(&Usage::of(&load(1, 4)), false);
    // 4 × 8,000 × 0.75 and 4 × 4,000 × 3.75 dollars a million; 40 credits.
    assert_eq!(
        amounts(&lines),
        [
            ("Vercel", "Hobby plan", 0.0),
            ("Supabase", "Free plan", 0.0),
            ("Gemini", "tokens in", 0.02),
            ("Gemini", "tokens out", 0.06),
            ("RevID", "Growth plan", 99.0),
        ]
    );
}

#[test]
fn a_thousand_channels_with_a_video_a_week_leave_the_free_plans() {
    let usage = Usage::of(&load(1_000, 4_300));
    // 900,000 requests, 43,200 probes and as many dispatches, for 124,500 steps.
    assert!((usage.million_calls - 0.9864).abs() < 1e-9, "{usage:?}");
    // 0.05 + 0.096 + 200,000 × 360 × 250 + 30,000 × 7 × 250 bytes.
    assert!((usage.database_gb - 18.1985).abs() < 1e-9, "{usage:?}");
    let lines = bill(&usage, true);
    assert_eq!(
        amounts(&lines),
        [
            ("Vercel", "Pro plan", 20.0),
            // 0.9864 × 0.60.
            ("Vercel", "calls", 0.59),
            // (943.2 + 1,245) s: 0.61 hours × 0.184.
            ("Vercel", "processor time", 0.11),
            // (47,160 + 23,343.75) s × 2 GB: 39.17 GB-hours × 0.0152.
            ("Vercel", "memory", 0.6),
            ("Vercel", "usage included", -1.3),
            ("Supabase", "Pro plan", 25.0),
            ("Supabase", "computers, Small", 15.0),
            ("Supabase", "computing included", -10.0),
            // (18.1985 − 8) × 0.125.
            ("Supabase", "disk", 1.27),
            // 10.245 + 86 GB are included.
            ("Supabase", "egress", 0.0),
            // (1,032 − 100) × 0.021.
            ("Supabase", "files", 19.57),
            ("Supabase", "users", 0.0),
            // 34.4 × 0.75 and 17.2 × 3.75.
            ("Gemini", "tokens in", 25.8),
            ("Gemini", "tokens out", 64.5),
            // 43,000 credits: three times 12,000, and 7,000 are more than Growth has.
            ("RevID", "Ultra plan", 796.0),
        ]
    );
}

#[test]
fn a_hundred_thousand_channels_are_five_projects() {
    let lines = bill(&Usage::of(&load(100_000, 430_000)), true);
    let line = |what: &str| {
        lines
            .iter()
            .find(|line| line.what.starts_with(what))
            .expect("a line")
    };
    // 1,815 GB on five projects: 363 GB each.
    assert_eq!(
        (line("computers").quantity, line("computers, XL").amount_usd),
        (5.0, 1_050.0)
    );
    assert!(line("Ultra").quantity >= 358.0);
}

#[test]
fn a_rest_that_the_smaller_plan_holds_takes_the_smaller_plan() {
    let plans = |videos| {
        let lines = bill(&Usage::of(&load(1, videos)), false);
        let plans = lines.into_iter().filter(|line| line.service == "RevID");
        plans.map(|line| line.amount_usd).collect::<Vec<_>>()
    };
    assert_eq!(plans(0), Vec::<f64>::new());
    assert_eq!(plans(200), [99.0]);
    assert_eq!(plans(201), [199.0]);
    assert_eq!(plans(1_200), [199.0]);
    assert_eq!(plans(1_400), [199.0, 99.0]);
    assert_eq!(plans(1_401), [398.0]);
}

#[test]
fn the_price_of_tokens_is_the_one_that_spending_is_counted_with() {
    let list = PriceList::default();
    let price = list
        .prices
        .iter()
        .find(|price| price.model == "gemini-3.8-flash");
    let price = price.expect("the usual model has a price");
    let ours = (prices::TOKENS_IN.dollars, prices::TOKENS_OUT.dollars);
    assert_eq!(ours, (price.input, price.output));
}

#[test]
fn every_price_says_where_it_was_seen() {
    for line in bill(&Usage::of(&load(100_000, 430_000)), true) {
        assert!(line.source.contains("202"), "{line:?}");
    }
}
