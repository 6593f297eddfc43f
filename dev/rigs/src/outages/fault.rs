//! What can be wrong with a connection, and which service meets which fault.

use serde::Serialize;

/// Stands in every faulty answer; nobody outside may ever read it.
pub(super) const CANARY: &str = "chaos-canary-5f0c";

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Nothing.
    Through,
    /// Nobody listens.
    Down,
    /// Answers come byte by byte.
    Slow,
    /// Each request is answered by a reset.
    Reset,
    /// The connection ends in the middle of the answer.
    Cut,
    /// The answer is not of the protocol.
    Garbage,
    /// The answer is of the protocol, says that all is well, and is not what was asked for.
    Nonsense,
}

/// A fault, for all requests or for some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) mode: Mode,
    /// Only requests whose path begins so.
    pub(super) path: Option<&'static str>,
}

impl Fault {
    pub(super) const NONE: Self = Self {
        mode: Mode::Through,
        path: None,
    };

    pub(super) fn refuses_connections(self) -> bool {
        self.mode == Mode::Down && self.path.is_none()
    }

    /// Whether a request that begins with these bytes meets it.
    pub(super) fn applies_to(self, bytes: &[u8]) -> bool {
        self.mode != Mode::Through
            && self.path.is_none_or(|path| {
                let target = bytes.split(|byte| *byte == b' ').nth(1);
                target.is_some_and(|target| target.starts_with(path.as_bytes()))
            })
    }
}

/// What meets a fault: a service, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Postgres,
    DataApi,
    /// The key set, when no process has it yet.
    Keys,
    Provider(&'static str),
    Providers,
}

/// The providers, and the variables that lead the functions to each.
pub(super) const PROVIDERS: [(&str, &[&str]); 4] = [
    ("google", &["GOOGLE_OAUTH_URL"]),
    ("youtube", &["YOUTUBE_URL", "YOUTUBE_ANALYTICS_URL"]),
    ("gemini", &["GEMINI_URL"]),
    ("revid", &["REVID_URL"]),
];

impl Target {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::DataApi => "data_api",
            Self::Keys => "auth",
            Self::Provider(name) => name,
            Self::Providers => "providers",
        }
    }
}

/// What meets which fault: everything meets every one, or `make test` meets some.
pub(super) fn rounds(quick: bool) -> Vec<(Target, Mode)> {
    use Mode::{Cut, Down, Garbage, Nonsense, Reset, Slow};
    let every =
        |target: Target| [Down, Slow, Reset, Cut, Garbage, Nonsense].map(|mode| (target, mode));
    if quick {
        let some = [
            (Target::Postgres, Reset),
            (Target::Postgres, Cut),
            (Target::Keys, Reset),
        ];
        return [
            &every(Target::DataApi)[..],
            &every(Target::Providers),
            &some,
        ]
        .concat();
    }
    let providers = PROVIDERS.map(|(name, _)| Target::Provider(name));
    let targets = [Target::Postgres, Target::DataApi, Target::Keys]
        .into_iter()
        .chain(providers);
    // The database does not speak HTTP: there is no protocol to keep while its answers are nonsense.
    let is_possible = |round: &(Target, Mode)| *round != (Target::Postgres, Nonsense);
    targets.flat_map(every).filter(is_possible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_meets_every_fault_that_its_protocol_knows() {
        let all = rounds(false);
        assert_eq!(all.len(), 7 * 6 - 1);
        assert!(!all.contains(&(Target::Postgres, Mode::Nonsense)));
        assert!(rounds(true).len() < all.len());
    }
}
