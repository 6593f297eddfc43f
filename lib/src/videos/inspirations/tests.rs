use jiff::Timestamp;
use platform::ids::VideoId;
use scoring::Confidence;
use uuid::Uuid;

use super::*;

fn row(title: &str, format: Format, log_multiplier: f64) -> ScoredVideo {
    ScoredVideo {
        id: VideoId(Uuid::new_v4()),
        youtube_video_id: "v".to_owned(),
        title: title.to_owned(),
        format: Some(format),
        published_at: Timestamp::UNIX_EPOCH,
        views: Some(1),
        multiplier: log_multiplier.exp(),
        score: 50,
        label: Label::Above,
        confidence_level: Confidence::High,
    }
}

#[test]
fn examples_have_one_format_and_different_topics() {
    let better = vec![
        row("Ten second soup", Format::Short, 2.0),
        row("Sourdough bread for beginners", Format::Long, 1.0),
        row("Beginners: sourdough bread again", Format::Long, 0.9),
        row("Knife sharpening", Format::Long, 0.5),
    ];
    let worse = vec![
        row("Sharpening a knife", Format::Long, -1.0),
        row("Channel update", Format::Long, -0.9),
    ];
    let chosen = choose(better, worse);
    assert_eq!(chosen.format, Some(Format::Long));
    let titles = |list: &[ScoredVideo]| {
        list.iter()
            .map(|found| found.title.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        titles(&chosen.picks),
        ["Sourdough bread for beginners", "Knife sharpening"]
    );
    assert_eq!(
        titles(&chosen.flops),
        ["Channel update"],
        "one flop is about what a pick is about"
    );
}

#[test]
fn nothing_is_chosen_from_nothing() {
    let chosen = choose(Vec::new(), Vec::new());
    assert!(chosen.format.is_none() && chosen.picks.is_empty() && chosen.flops.is_empty());
}
