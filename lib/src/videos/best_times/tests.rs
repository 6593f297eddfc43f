use super::*;

fn seconds(text: &str) -> f64 {
    text.parse::<Timestamp>().expect("a time").as_second() as f64
}

#[test]
fn below_twenty_videos_the_channels_own_slots_are_returned() {
    let timings: Vec<(f64, f64)> = (0..19).map(|i| (f64::from(i) * 86_400.0, 1.0)).collect();
    let times = best_times("Europe/Berlin".to_owned(), Vec::new(), &timings);
    assert_eq!(times.basis, BestTimesBasis::Default);
    assert_eq!((times.slots.len(), times.hours.len()), (7, 0));
}

#[test]
fn hours_are_those_of_the_audiences_clocks() {
    let berlin = TimeZone::get("Europe/Berlin").expect("a zone");
    // Monday 00:30 in Berlin, in summer and in winter.
    assert_eq!(
        hour_of_week(seconds("2026-07-05T22:30:00Z"), &berlin),
        Some(0)
    );
    assert_eq!(
        hour_of_week(seconds("2026-11-15T23:30:00Z"), &berlin),
        Some(0)
    );
    let timings: Vec<(f64, f64)> = (0..20)
        .map(|week| {
            (
                seconds("2026-07-05T16:00:00Z") - f64::from(week) * 604_800.0,
                0.5,
            )
        })
        .collect();
    let times = best_times("Europe/Berlin".to_owned(), Vec::new(), &timings);
    assert_eq!(times.basis, BestTimesBasis::Results);
    let best = serde_json::to_value(&times.hours[0]).expect("JSON");
    assert_eq!(
        (best["weekday"].as_i64(), best["time"].as_str()),
        (Some(7), Some("18:00"))
    );
    assert_eq!(best["recommended"], true);
}
