use super::*;
use crate::{Grounds, MODEL, score};

#[test]
fn a_score_explains_itself() {
    let baseline: Vec<Measures> = [
        4200., 5100., 3900., 6100., 4800., 5500., 30500., 4500., 5000., 3600.,
    ]
    .into_iter()
    .map(|views| Measures {
        views,
        interactions: Some(views * 0.042),
        ..Measures::default()
    })
    .collect();
    let target = Measures {
        views: 12_400.0,
        interactions: Some(708.0),
        ..Measures::default()
    };
    let result = score(
        &MODEL,
        &baseline,
        &target,
        Grounds::SameAge {
            age_h: 168.0,
            data_age_h: 0.0,
        },
    )
    .unwrap();
    let comparison = Comparison {
        basis: Basis::EngagedViews,
        checkpoint_h: Some(168),
        format: Some(Format::Long),
    };
    assert_eq!(
        summary(&result, target.views, comparison),
        "2.0×: above the usual range. 12,400 engaged views 7 days after publication against 4,949 for the channel's last 10 long videos."
    );
    assert_eq!(
        reasons(&MODEL, &result, &target),
        [
            "The plain multiple is 2.5×; with 10 videos to compare with it is pulled toward 1×.",
            "Likes and comments came to 5.7 per 100 views, far more than usual (4.2 is usual).",
            "Confidence is high (0.67): 10 videos to compare with.",
        ]
    );
}

#[test]
fn numbers_and_ages_read_well() {
    assert_eq!(number(1_234_567.4), "1,234,567");
    assert_eq!(number(999.0), "999");
    assert_eq!(
        (age(1), age(48), age(72)),
        ("1 hour".into(), "48 hours".into(), "3 days".into())
    );
    assert_eq!(
        (multiple(0.04), multiple(12.3)),
        ("0.04×".into(), "12×".into())
    );
}
