//! `catalyst cost`.

use serde_json::json;

use super::bill::{Line, bill};
use super::usage::{Load, Usage};

/// `catalyst cost`.
#[derive(Debug, clap::Args)]
pub struct CostArgs {
    #[command(flatten)]
    load: Load,
    /// For money: Vercel's Hobby plan does not allow that.
    #[arg(long)]
    commercial: bool,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// What Google grants a project a day.
const UPLOADS: f64 = 100.0;
const UNITS: f64 = 10_000.0;

/// Prints the bill of a month.
pub fn run(args: &CostArgs) {
    let usage = Usage::of(&args.load);
    let lines = bill(&usage, args.commercial);
    let total: f64 = lines.iter().map(|line| line.amount_usd).sum();
    let notes = notes(&usage);
    if args.json {
        let total = (total * 100.0).round() / 100.0;
        println!(
            "{}",
            json!({"load": args.load, "usage": usage, "lines": lines, "total_usd": total, "notes": notes})
        );
        return;
    }
    for Line {
        service,
        what,
        quantity,
        per,
        price_usd,
        amount_usd,
        ..
    } in &lines
    {
        println!("{amount_usd:>12.2}  {service:<9} {quantity:.3} x ${price_usd} per {per}: {what}");
    }
    println!("{total:>12.2}  US dollars a month, without taxes");
    let mut sources: Vec<_> = lines
        .iter()
        .map(|line| (line.service, line.source))
        .collect();
    sources.sort_unstable();
    sources.retain(|(_, source)| !source.is_empty());
    sources.dedup();
    for (service, source) in sources {
        println!("{service}: {source}");
    }
    for note in notes {
        println!("note: {note}");
    }
}

/// What no money buys.
fn notes(usage: &Usage) -> Vec<String> {
    let mut notes = Vec::new();
    for (what, used, granted) in [
        ("uploads", usage.uploads_per_day, UPLOADS),
        ("quota units", usage.quota_units_per_day, UNITS),
    ] {
        if used > granted {
            notes.push(format!(
                "{used:.0} {what} a day need a larger grant of Google's than {granted}; it is asked for, not bought"
            ));
        }
    }
    notes
}
