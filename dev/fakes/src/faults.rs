//! The faults of one server: which of them hits a call.

use serde_json::{Value, json};

use crate::{Caller, Fault, Head};

#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    matched: u64,
    hit: u64,
    rng: fastrand::Rng,
}

impl Armed {
    /// Counts a matching call and tells whether it is hit.
    fn hits(&mut self) -> bool {
        self.matched += 1;
        let fault = &self.fault;
        let times = fault.times.unwrap_or(1);
        let hits = self.matched >= fault.nth.unwrap_or(1)
            && (times == 0 || self.hit < times)
            && fault.chance.is_none_or(|chance| self.rng.f64() < chance);
        self.hit += u64::from(hits);
        hits
    }
}

impl Faults {
    /// Adds a fault and returns its id.
    pub(crate) fn arm(&mut self, mut fault: Fault) -> u64 {
        self.next += 1;
        fault.id = self.next;
        let rng = fastrand::Rng::with_seed(fault.seed.unwrap_or(fault.id));
        self.armed.push(Armed {
            fault,
            matched: 0,
            hit: 0,
            rng,
        });
        self.next
    }

    /// Takes away all faults, or only the one with this id and those of this account.
    pub(crate) fn disarm(&mut self, id: Option<u64>, account: Option<&str>) {
        self.armed.retain(|armed| {
            let wanted = id.is_none_or(|id| armed.fault.id == id)
                && account.is_none_or(|account| armed.fault.account.as_deref() == Some(account));
            !wanted
        });
    }

    /// The first fault that hits this call.
    pub(crate) fn find(
        &mut self,
        head: &Head,
        operations: &[&str],
        caller: &Caller,
        body: &[u8],
    ) -> Option<Fault> {
        let is_met = |armed: &&mut Armed| armed.fault.matches(head, operations, caller, body);
        let mut met = self.armed.iter_mut().filter(is_met);
        met.find_map(|armed| armed.hits().then(|| armed.fault.clone()))
    }

    pub(crate) fn list(&self) -> Value {
        let show = |armed: &Armed| json!({"fault": armed.fault, "matched": armed.matched, "hit": armed.hit});
        self.armed.iter().map(show).collect()
    }
}
