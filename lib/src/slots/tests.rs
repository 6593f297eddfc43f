use std::collections::BTreeSet;

use jiff::{SignedDuration, Span, Timestamp};
use proptest::prelude::*;

use super::*;
use clients::quota_day::QuotaDay;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|| panic!("no zone {name}"))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn slot(weekday: i8, hour: i8, minute: i8) -> WeeklySlot {
    WeeklySlot {
        weekday: IsoWeekday::new(weekday).unwrap(),
        time: LocalTime::new(hour, minute).unwrap(),
    }
}

#[test]
fn case_y11_local_times_keep_their_clock_across_changes() {
    for (name, local, expected) in [
        ("America/New_York", "2026-10-30T09:00", "2026-10-30T13:00Z"),
        ("America/New_York", "2026-11-02T09:00", "2026-11-02T14:00Z"),
        ("Europe/Berlin", "2026-10-24T09:00", "2026-10-24T07:00Z"),
        ("Europe/Berlin", "2026-10-26T09:00", "2026-10-26T08:00Z"),
        // Twice on the clock: the first.
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),
        // Not on the clock: forward by the gap, 03:30 EDT.
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:30Z"),
        // A gap of a whole day: Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T19:00Z"),
        // Winter time in Ramadan: 18 February to 19 March 2026.
        ("Africa/Casablanca", "2026-02-20T09:00", "2026-02-20T09:00Z"),
        ("Africa/Casablanca", "2026-04-01T09:00", "2026-04-01T08:00Z"),
        // A day that begins at a quarter past.
        ("Asia/Kathmandu", "2026-10-04T00:00", "2026-10-03T18:15Z"),
        // A gap of half an hour.
        (
            "Australia/Lord_Howe",
            "2026-10-04T02:15",
            "2026-10-03T15:45Z",
        ),
    ] {
        let resolved = zone(name).instant(local.parse().unwrap()).unwrap();
        assert_eq!(resolved, at(expected), "{name} {local}");
    }
    let skipped = SlotTime::of_local(
        "2027-03-14T02:30".parse().unwrap(),
        &zone("America/New_York"),
    )
    .unwrap();
    assert_eq!(skipped.local_time, "2027-03-14T03:30".parse().unwrap());
}

#[test]
fn case_y11_weekly_slots_follow_the_zone_over_the_end_of_summer_time() {
    let week = [slot(5, 9, 0), slot(1, 9, 0)];
    let free = next_free(
        &week,
        &zone("America/New_York"),
        at("2026-10-30T00:00Z"),
        &Taken::default(),
        3,
    );
    let instants: Vec<_> = free.iter().map(|slot| slot.publish_at).collect();
    assert_eq!(
        instants,
        [
            at("2026-10-30T13:00Z"),
            at("2026-11-02T14:00Z"),
            at("2026-11-06T14:00Z")
        ]
    );
    assert_eq!(free[1].local_time, "2026-11-02T09:00".parse().unwrap());
    assert_eq!(free[1].time_zone, "America/New_York");
}

#[test]
fn two_slots_that_a_gap_makes_equal_are_offered_once() {
    let week = [slot(7, 2, 30), slot(7, 3, 30)];
    let free = next_free(
        &week,
        &zone("America/New_York"),
        at("2027-03-13T12:00Z"),
        &Taken::default(),
        2,
    );
    assert_eq!(free[0].publish_at, at("2027-03-14T07:30Z"));
    assert_eq!(free[1].publish_at, at("2027-03-21T06:30Z"));
}

#[test]
fn taken_times_and_full_days_are_left_out() {
    let week = [slot(1, 9, 0), slot(2, 9, 0), slot(3, 9, 0)];
    let taken = Taken {
        instants: vec![at("2026-11-23T09:30Z")],
        gap: SignedDuration::from_mins(60),
        full_days: [QuotaDay::of(at("2026-11-24T09:00Z"))].into(),
    };
    let free = next_free(&week, &zone("UTC"), at("2026-11-22T12:00Z"), &taken, 1);
    assert_eq!(free[0].publish_at, at("2026-11-25T09:00Z"));
}

#[test]
fn a_slot_exactly_the_gap_away_from_a_video_is_free() {
    let gap = SignedDuration::from_mins(60);
    for (before, expected) in [(gap, true), (gap - SignedDuration::from_secs(1), false)] {
        let taken = Taken {
            instants: vec![at("2026-11-23T09:00Z") - before],
            gap,
            full_days: BTreeSet::new(),
        };
        let free = next_free(
            &[slot(1, 9, 0)],
            &zone("UTC"),
            at("2026-11-22T12:00Z"),
            &taken,
            1,
        );
        assert_eq!(free[0].publish_at == at("2026-11-23T09:00Z"), expected);
    }
}

#[test]
fn a_slot_is_read_and_written_as_people_write_it() {
    let read: WeeklySlot = serde_json::from_str(r#"{"weekday":2,"time":"18:05"}"#).unwrap();
    assert_eq!(read, slot(2, 18, 5));
    assert_eq!(
        serde_json::to_string(&read).unwrap(),
        r#"{"weekday":2,"time":"18:05"}"#
    );
    for wrong in [
        r#"{"weekday":0,"time":"18:00"}"#,
        r#"{"weekday":8,"time":"18:00"}"#,
        r#"{"weekday":1,"time":"24:00"}"#,
        r#"{"weekday":1,"time":"9:00"}"#,
        r#"{"weekday":1,"time":"09:60"}"#,
        r#"{"weekday":1,"time":"+9:00"}"#,
        r#"{"weekday":1,"time":"09:00","zone":"UTC"}"#,
    ] {
        assert!(
            serde_json::from_str::<WeeklySlot>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn unknown_zones_are_none() {
    for name in [
        "",
        "Mars/Olympus",
        "../etc/passwd",
        "+02:00",
        &"x".repeat(65),
    ] {
        assert!(Zone::named(name).is_none(), "{name}");
    }
}

fn zones() -> impl Strategy<Value = Zone> {
    prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/St_Johns",
        "Pacific/Apia",
        "Africa/Casablanca",
    ])
    .prop_map(zone)
}

proptest! {
    #[test]
    fn every_local_time_has_one_instant_that_tells_it_back_or_later(
        zone in zones(), days in 0_i32..3650, minute in 0_i32..1440,
    ) {
        let local = jiff::civil::date(2020, 1, 1).at(0, 0, 0, 0)
            .checked_add(Span::new().days(days).minutes(minute)).unwrap();
        let resolved = SlotTime::of_local(local, &zone).unwrap();
        prop_assert!(resolved.local_time >= local);
        prop_assert!(resolved.local_time.duration_since(local) <= SignedDuration::from_hours(2));
    }

    #[test]
    fn free_slots_rise_are_future_and_keep_the_gap(
        zone in zones(),
        week in prop::collection::vec((1_i8..=7, 0_i8..24, 0_i8..60), 1..8),
        start in 1_700_000_000_i64..1_900_000_000,
        booked in prop::collection::vec(0_i64..1_000_000, 0..20),
        gap in 0_i64..600,
    ) {
        let week: Vec<_> = week.into_iter().map(|(day, hour, minute)| slot(day, hour, minute)).collect();
        let after = Timestamp::from_second(start).unwrap();
        let taken = Taken {
            instants: booked.iter().map(|add| Timestamp::from_second(start + add).unwrap()).collect(),
            gap: SignedDuration::from_mins(gap),
            full_days: BTreeSet::new(),
        };
        let free = next_free(&week, &zone, after, &taken, 10);
        prop_assert_eq!(free.len(), 10);
        for pair in free.windows(2) {
            prop_assert!(pair[0].publish_at < pair[1].publish_at);
        }
        for slot in &free {
            prop_assert!(slot.publish_at > after);
            for other in &taken.instants {
                prop_assert!(slot.publish_at.duration_since(*other).abs() >= taken.gap || taken.gap.is_zero());
            }
        }
    }
}
