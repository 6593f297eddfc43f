use super::*;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn usage(input: u64, cached: u64, output: u64, thoughts: u64) -> Usage {
    Usage {
        prompt_token_count: input,
        cached_content_token_count: cached,
        candidates_token_count: output,
        thoughts_token_count: thoughts,
        ..Usage::default()
    }
}

#[test]
fn thinking_is_billed_as_output() {
    let list = PriceList::default();
    // 58 × 0.75 + 2297 × 3.75 = 8657.25, rounded up.
    let cost = list.cost(
        "gemini-3.8-flash",
        &usage(58, 0, 820, 1477),
        at("2026-11-22T12:00:00Z"),
    );
    assert_eq!(cost, Micros(8658));
    assert_eq!(cost.to_string(), "$0.008658");
}

#[test]
fn a_price_ends_on_its_last_day() {
    let list = PriceList::default();
    let million = usage(1_000_000, 0, 0, 0);
    assert_eq!(
        list.cost("gemini-4-argon", &million, at("2026-11-30T23:59:59Z")),
        Micros(2_000_000)
    );
    assert_eq!(
        list.cost("gemini-4-argon", &million, at("2026-12-01T00:00:00Z")),
        Micros(4_000_000)
    );
}

#[test]
fn long_prompts_and_unknown_models_cost_more() {
    let list = PriceList::default();
    let now = at("2026-11-22T12:00:00Z");
    assert_eq!(
        list.cost("gemini-3.1-pro-preview", &usage(200_000, 0, 0, 0), now),
        Micros(400_000)
    );
    assert_eq!(
        list.cost("gemini-3.1-pro-preview", &usage(200_001, 0, 0, 0), now),
        Micros(800_004)
    );
    assert_eq!(
        list.cost("gemini-5-neon", &usage(0, 0, 1_000_000, 0), now),
        Micros(20_000_000)
    );
}

#[test]
fn cached_input_is_cheaper_only_where_the_list_says_so() {
    let now = at("2026-11-22T12:00:00Z");
    let own = PriceList::parse(
        r#"{"version":"own","prices":[{"model":"gemini-3.8-flash","input":1.0,"cached":0.1,"output":2.0}]}"#,
    )
    .unwrap();
    assert_eq!(
        own.cost("gemini-3.8-flash", &usage(1000, 500, 0, 0), now),
        Micros(550)
    );
    assert_eq!(
        PriceList::default().cost("gemini-3.8-flash", &usage(1000, 500, 0, 0), now),
        Micros(750)
    );
}

#[test]
fn a_broken_list_is_refused() {
    assert!(matches!(
        PriceList::parse("{}"),
        Err(PriceListError::Form(_))
    ));
    assert!(matches!(
        PriceList::parse(r#"{"version":"v","prices":[]}"#),
        Err(PriceListError::Empty)
    ));
    let negative = r#"{"version":"v","prices":[{"model":"m","input":-1,"output":1}]}"#;
    assert!(
        matches!(PriceList::parse(negative), Err(PriceListError::Price(model)) if model == "m")
    );
}

proptest::proptest! {
    #[test]
    fn a_reservation_is_never_below_what_the_call_can_cost(
        input in 0u64..300_000, cached in 0u64..300_000, output in 0u64..16_000, thoughts in 0u64..16_000,
    ) {
        let list = PriceList::default();
        let now = at("2026-11-22T12:00:00Z");
        for model in ["gemini-3.8-flash", "gemini-3.1-pro-preview", "gemini-4-argon", "unknown"] {
            let cost = list.cost(model, &usage(input, cached.min(input), output, thoughts), now);
            proptest::prop_assert!(cost <= list.ceiling(model, input, 32_000, now));
        }
    }
}
