//! Several runs of one measurement.

/// Their values, the smallest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Runs(Vec<f64>);

impl Runs {
    /// Runs in any order.
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// What is the same in every run: a file's size, a count.
    pub(super) fn once(value: f64) -> Self {
        Self(vec![value])
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, value: f64) {
        let at = self
            .0
            .partition_point(|known| known.total_cmp(&value).is_lt());
        self.0.insert(at, value);
    }

    /// The value below which this part of the runs lies.
    pub(super) fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (part * last as f64).round() as usize;
        self.0.get(at.min(last)).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn median(&self) -> f64 {
        match self.0.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => self.0[n / 2],
            n => f64::midpoint(self.0[n / 2 - 1], self.0[n / 2]),
        }
    }

    pub(super) fn min(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    pub(super) fn max(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::Runs;

    #[test]
    fn quantiles_and_medians_are_of_sorted_runs() {
        let mut runs = Runs::default();
        for value in [5.0, 1.0, 4.0, 2.0, 3.0] {
            runs.push(value);
        }
        assert_eq!(
            (runs.median(), runs.quantile(0.0), runs.quantile(0.99)),
            (3.0, 1.0, 5.0)
        );
        assert!(Runs::default().median().is_nan());
    }
}
