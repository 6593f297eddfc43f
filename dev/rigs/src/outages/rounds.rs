//! Which service meets which fault.

use super::fault::Mode;

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

const PROVIDERS: [&str; 4] = ["google", "youtube", "gemini", "revid"];

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

    /// Whether this service speaks HTTP, so that its protocol can be kept while its answers are nonsense.
    const fn speaks_http(self) -> bool {
        !matches!(self, Self::Postgres)
    }
}

pub(super) fn rounds(quick: bool) -> Vec<(Target, Mode)> {
    use Mode::{Cut, Down, Garbage, Nonsense, Reset, Slow};
    if quick {
        let all = [Down, Slow, Reset, Cut, Garbage, Nonsense];
        return all
            .map(|mode| (Target::DataApi, mode))
            .into_iter()
            .chain(all.map(|mode| (Target::Providers, mode)))
            .chain([
                (Target::Postgres, Reset),
                (Target::Postgres, Cut),
                (Target::Keys, Reset),
            ])
            .collect();
    }
    [Target::Postgres, Target::DataApi, Target::Keys]
        .into_iter()
        .chain(PROVIDERS.map(Target::Provider))
        .flat_map(|target| {
            [Down, Slow, Reset, Cut, Garbage, Nonsense]
                .into_iter()
                .filter(move |mode| *mode != Nonsense || target.speaks_http())
                .map(move |mode| (target, mode))
        })
        .collect()
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
