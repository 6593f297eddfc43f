//! Which videos a video of a file is compared with: the last ones published strictly before it. Of videos of one moment, or
//! of one day where only days are known, none is before the other, so the order of the rows decides nothing.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use scoring::Model;

const DAY: i64 = 86_400;

/// The videos of one cohort in time order.
pub(super) struct Timeline {
    videos: Vec<Published>,
}

/// When a video was published.
#[derive(Clone, Copy, Debug)]
pub(super) struct Published {
    /// For a day, its first moment.
    pub(super) at: Timestamp,
    /// Whether only the day is known.
    pub(super) is_day: bool,
    /// The video, as the caller numbers it.
    pub(super) video: u32,
}

impl Timeline {
    /// Orders the videos of a cohort; `by_content` orders videos of the same moment, whatever the order given.
    pub(super) fn new(
        mut videos: Vec<Published>,
        by_content: impl Fn(u32, u32) -> Ordering,
    ) -> Self {
        videos.sort_unstable_by(|a, b| {
            (a.at, !a.is_day)
                .cmp(&(b.at, !b.is_day))
                .then_with(|| by_content(a.video, b.video))
                .then(a.video.cmp(&b.video))
        });
        Self { videos }
    }

    /// The videos from the earliest on.
    pub(super) fn videos(&self) -> impl Iterator<Item = u32> {
        self.videos.iter().map(|published| published.video)
    }

    /// What the video at a place is compared with, from the earliest on.
    pub(super) fn before(&self, model: &Model, place: usize) -> Vec<u32> {
        let target = self.videos[place];
        let day = target.at.as_second().div_euclid(DAY) * DAY;
        let is_earlier_day = |video: &Published| video.at.as_second() < day;
        let earlier_days = self.videos.partition_point(is_earlier_day);
        // Days stand before the moments that they begin with, so the videos of which only this day is known follow.
        let same_day = self.videos[earlier_days..].partition_point(|video| {
            video.is_day && video.at.as_second() == day && video.at.subsec_nanosecond() == 0
        });
        let end = match target.is_day {
            true => earlier_days,
            false => self.videos.partition_point(|video| video.at < target.at),
        };
        let on_the_day = (earlier_days + same_day).min(end)..end;
        let reach = SignedDuration::from_hours(24 * model.window_days);
        let oldest = target.at.saturating_sub(reach).unwrap_or(Timestamp::MIN);
        let mut before = Vec::with_capacity(model.window);
        for place in on_the_day.rev().chain((0..earlier_days.min(end)).rev()) {
            let video = self.videos[place];
            if video.at < oldest || before.len() == model.window {
                break;
            }
            before.push(video.video);
        }
        before.reverse();
        before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scoring::MODEL;

    use super::*;

    fn published(second: i64, is_day: bool, video: u32) -> Published {
        let second = if is_day {
            second.div_euclid(DAY) * DAY
        } else {
            second
        };
        Published {
            at: Timestamp::from_second(1_600_000_000 / DAY * DAY + second).expect("in range"),
            is_day,
            video,
        }
    }

    #[test]
    fn of_one_moment_and_of_one_day_none_is_before_the_other() {
        let videos = vec![
            published(0, true, 0),
            published(DAY, true, 1),
            published(DAY + 10, false, 2),
            published(DAY + 20, false, 3),
            published(DAY + 20, false, 4),
            published(DAY, true, 5),
        ];
        let timeline = Timeline::new(videos, |_, _| Ordering::Equal);
        let before: Vec<(u32, Vec<u32>)> = timeline
            .videos()
            .enumerate()
            .map(|(place, video)| (video, timeline.before(&MODEL, place)))
            .collect();
        assert_eq!(
            before,
            [
                (0, vec![]),
                (1, vec![0]),
                (5, vec![0]),
                (2, vec![0]),
                (3, vec![0, 2]),
                (4, vec![0, 2]),
            ]
        );
    }

    #[test]
    fn a_year_back_and_no_more_than_the_window() {
        let days = |days: std::ops::Range<i64>| {
            days.map(|day| published(day * DAY, false, day as u32))
                .collect()
        };
        let timeline = Timeline::new(days(0..30), |_, _| Ordering::Equal);
        assert_eq!(timeline.before(&MODEL, 29), (9..29).collect::<Vec<_>>());
        let timeline = Timeline::new(
            vec![
                published(0, false, 0),
                published(365 * DAY, false, 1),
                published(366 * DAY, false, 2),
            ],
            |_, _| Ordering::Equal,
        );
        assert_eq!(
            (timeline.before(&MODEL, 1), timeline.before(&MODEL, 2)),
            (vec![0], vec![1])
        );
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(given in prop::collection::vec((0_i64..400 * DAY / 3, prop::bool::ANY), 0..60)) {
            let videos: Vec<Published> = given.iter().enumerate()
                .map(|(video, &(second, is_day))| published(second / 30_000 * 30_000, is_day, video as u32)).collect();
            let day = |video: &Published| video.at.as_second().div_euclid(DAY);
            let is_before = |one: &Published, other: &Published| {
                if one.is_day || other.is_day { day(one) < day(other) } else { one.at < other.at }
            };
            let timeline = Timeline::new(videos.clone(), |_, _| Ordering::Equal);
            for (place, video) in timeline.videos().enumerate() {
                let target = videos[video as usize];
                let mut wanted = videos.iter().filter(|one| is_before(one, &target)).count();
                wanted = wanted.min(MODEL.window);
                let before = timeline.before(&MODEL, place);
                prop_assert_eq!(before.len(), wanted);
                prop_assert!(before.iter().all(|&one| is_before(&videos[one as usize], &target)));
            }
        }
    }
}
