//! The form of OpenMetrics text 1.0.

use std::fmt::Write as _;

use super::percentile::float;

/// One family after the other.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: &str, unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {help}");
    }

    /// A sample; nothing when there is no value.
    pub(super) fn sample(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        value: impl Into<Option<f64>>,
    ) {
        let Some(value) = value.into() else {
            return;
        };
        self.0.push_str(name);
        if !labels.is_empty() {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
                .collect();
            let _ = write!(self.0, "{{{}}}", labels.join(","));
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of gauges that one label tells apart.
    pub(super) fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        samples: impl Iterator<Item = (&'a String, u64)>,
    ) {
        self.family(name, "gauge", "", help);
        for (labelled, value) in samples {
            self.sample(name, &[(label, labelled)], float(value));
        }
    }

    /// The document.
    pub(super) fn end(mut self) -> String {
        self.0.push_str("# EOF\n");
        self.0
    }

    /// A family of one gauge without labels.
    pub(super) fn gauge(
        &mut self,
        name: &str,
        unit: &str,
        help: &str,
        value: impl Into<Option<f64>>,
    ) {
        self.family(name, "gauge", unit, help);
        self.sample(name, &[], value);
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_missing_values_left_out() {
        let mut text = Text::default();
        text.gauge("a", "", "Help.", None);
        text.sample("a", &[("x", "say \"no\"\\\n")], 1.5);
        assert_eq!(
            text.0,
            "# TYPE a gauge\n# HELP a Help.\na{x=\"say \\\"no\\\"\\\\\\n\"} 1.5\n"
        );
    }
}
