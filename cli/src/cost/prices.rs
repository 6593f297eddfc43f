//! What things cost, where that was seen, and when. One table: whoever knows better changes it here.

/// A price in US dollars.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    pub(super) dollars: f64,
    /// Of how much.
    pub(super) per: &'static str,
    pub(super) source: &'static str,
}

const VERCEL: &str = "vercel.com/docs/functions/usage-and-pricing, 2026-08";
const VERCEL_REGION: &str = "vercel.com/docs/functions/usage-and-pricing: fra1 UNCONFIRMED, between iad1 (0.128, 0.0106) and hnd1 (0.202, 0.0167), seen 2026-06";
const SUPABASE: &str = "supabase.com/pricing, 2026-05";
const SUPABASE_COMPUTERS: &str =
    "supabase.com/docs/guides/platform/compute-and-disk, 2026-05: UNCONFIRMED";
const GEMINI: &str =
    "vercel.com/ai-gateway/models/gemini-3.8-flash, 2026-11; may be introductory: UNCONFIRMED";
const REVID: &str = "seen by a third party on 2026-08-03: UNCONFIRMED";

const fn price(dollars: f64, per: &'static str, source: &'static str) -> Price {
    Price {
        dollars,
        per,
        source,
    }
}

/// Vercel's Pro plan, with the usage that it includes.
pub(super) const VERCEL_PRO: Price = price(20.0, "month", VERCEL);
pub(super) const VERCEL_PRO_CREDIT: Price = price(-20.0, "month", VERCEL);
pub(super) const INVOCATIONS: Price = price(0.60, "million calls", VERCEL);
pub(super) const ACTIVE_CPU: Price = price(0.184, "hour", VERCEL_REGION);
pub(super) const MEMORY: Price = price(0.0152, "GB-hour", VERCEL_REGION);

/// Supabase's Pro plan, with the computing that it includes.
pub(super) const SUPABASE_PRO: Price = price(25.0, "month", SUPABASE);
pub(super) const COMPUTE_CREDIT: Price = price(-10.0, "month", SUPABASE);
pub(super) const DISK: Price = price(0.125, "GB", SUPABASE);
pub(super) const EGRESS: Price = price(0.09, "GB", SUPABASE);
pub(super) const STORAGE: Price = price(0.021, "GB", SUPABASE);
pub(super) const ACTIVE_USERS: Price = price(0.003_25, "user", SUPABASE);

/// Supabase's computers: name, the largest database in GB that it recommends for each, and its price a month.
pub(super) const COMPUTERS: [(&str, f64, Price); 8] = [
    ("Micro", 10.0, price(10.0, "project", SUPABASE_COMPUTERS)),
    ("Small", 50.0, price(15.0, "project", SUPABASE_COMPUTERS)),
    ("Medium", 100.0, price(60.0, "project", SUPABASE_COMPUTERS)),
    ("Large", 200.0, price(110.0, "project", SUPABASE_COMPUTERS)),
    ("XL", 500.0, price(210.0, "project", SUPABASE_COMPUTERS)),
    ("2XL", 1_000.0, price(410.0, "project", SUPABASE_COMPUTERS)),
    ("4XL", 2_000.0, price(960.0, "project", SUPABASE_COMPUTERS)),
    (
        "8XL",
        4_000.0,
        price(1_870.0, "project", SUPABASE_COMPUTERS),
    ),
];

/// The built-in price of the usual model, as `GEMINI_PRICES` has it.
pub(super) const TOKENS_IN: Price = price(0.75, "million tokens", GEMINI);
pub(super) const TOKENS_OUT: Price = price(3.75, "million tokens", GEMINI);

/// RevID's plans that have an API, the smaller first: name, credits a month, price.
pub(super) const REVID_PLANS: [(&str, f64, Price); 2] = [
    ("Growth", 2_000.0, price(99.0, "plan", REVID)),
    ("Ultra", 12_000.0, price(199.0, "plan", REVID)),
];
