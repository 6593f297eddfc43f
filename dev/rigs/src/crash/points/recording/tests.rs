use super::*;

fn point(call: &str, nth: u32, moment: Moment) -> Point {
    Point::new("upload.advance", call, nth, moment)
}

fn killed_at(kills: Vec<Point>) -> Job {
    Job {
        kills,
        ..Job::default()
    }
}

#[test]
fn a_job_is_killed_once_at_its_point() {
    let points = vec![point("youtube send piece", 2, Moment::After)];
    let mut recording = Recording::new(killed_at(points));
    let mut walk = || {
        let mut kills = Vec::new();
        for moment in [Moment::Before, Moment::After] {
            kills.push(recording.record_call("upload.advance", "youtube send piece", moment));
        }
        kills
    };
    assert_eq!(walk(), [false, false]);
    assert_eq!(walk(), [false, true]);
    assert_eq!(walk(), [false, false]);
    assert_eq!(recording.kills, 1);
}

#[test]
fn a_second_kill_comes_after_the_first() {
    let points = vec![point("a", 1, Moment::After), point("b", 2, Moment::Before)];
    let mut recording = Recording::new(killed_at(points));
    assert!(!recording.record_call("upload.advance", "b", Moment::Before));
    assert!(!recording.record_call("upload.advance", "a", Moment::Before));
    assert!(recording.record_call("upload.advance", "a", Moment::After));
    assert!(recording.record_call("upload.advance", "b", Moment::Before));
    assert_eq!(recording.kills, 2);
    assert!(recording.points().is_empty());
}

#[test]
fn poison_ends_every_process_that_takes_it() {
    let mut recording = Recording::new(Job {
        poison: Some("render.advance"),
        ..Job::default()
    });
    for _ in 0..3 {
        assert!(!recording.record_call("render.advance", CLAIM, Moment::Before));
        assert!(recording.record_call("render.advance", "db open_render", Moment::Before));
    }
    assert!(!recording.record_call("upload.advance", "db open_upload", Moment::Before));
    assert_eq!(recording.kills, 3);
}

#[test]
fn every_call_is_a_point_before_and_after() {
    let mut recording = Recording::new(Job::default());
    for call in [CLAIM, "db open_upload", "db open_upload"] {
        recording.record_call("upload.advance", call, Moment::Before);
        recording.record_call("upload.advance", call, Moment::After);
    }
    assert_eq!(
        recording.points(),
        [
            point(CLAIM, 1, Moment::After),
            point("db open_upload", 1, Moment::Before),
            point("db open_upload", 1, Moment::After),
            point("db open_upload", 2, Moment::Before),
            point("db open_upload", 2, Moment::After),
        ]
    );
}
