//! Every round: the calls under its fault, and the recovery from it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use catalyst::routes;
use catalyst_cli::error::{Error, Result};
use platform::endpoint::Declaration;
use serde_json::{Value, json};

use super::fault::{Mode, Target, rounds};
use super::{calls::Calls, proxied_stack::ProxiedStack, verdict::violation};
use crate::{environment::tenths, patience::until};

/// A service that is back is used again within this.
const RECOVERY: Duration = Duration::from_secs(5);
/// How long recovery is waited for before the run is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run under way.
pub(super) struct Matrix<'a> {
    stack: &'a ProxiedStack,
    calls: Calls,
    /// Words that no refusal may hold.
    secrets: &'a [String],
    operations: Vec<&'static Declaration>,
    quick: bool,
    cells: Vec<Value>,
    failed: Vec<Value>,
    /// The longest recovery of each target, in seconds.
    recoveries: BTreeMap<&'static str, f64>,
}

impl<'a> Matrix<'a> {
    pub(super) fn new(
        stack: &'a ProxiedStack,
        calls: Calls,
        secrets: &'a [String],
        quick: bool,
    ) -> Self {
        Self {
            stack,
            calls,
            secrets,
            // Programs have tokens of their own, and errors of their protocol.
            operations: routes::declarations()
                .filter(|one| !one.described_elsewhere)
                .collect(),
            quick,
            cells: Vec::new(),
            failed: Vec::new(),
            recoveries: BTreeMap::new(),
        }
    }

    /// Runs every round; the report.
    pub(super) async fn run(mut self) -> Result<Value> {
        let began = Instant::now();
        self.expect_healthy().await?;
        let rounds = rounds(self.quick);
        let (operations, count) = (self.operations.len(), rounds.len());
        println!("{operations} operations, {count} rounds of one service and one fault each");
        for (target, mode) in &rounds {
            self.round(*target, *mode).await?;
        }
        self.expect_healthy().await?;
        let services: BTreeSet<_> = rounds.iter().map(|(target, _)| target.name()).collect();
        let slowest = self
            .cells
            .iter()
            .filter_map(|cell| cell["ms"].as_u64())
            .max();
        let mut statuses: BTreeMap<String, u32> = BTreeMap::new();
        for cell in &self.cells {
            *statuses.entry(cell["status"].to_string()).or_default() += 1;
        }
        Ok(json!({
            "operations": operations, "services": services, "rounds": count, "cells": self.cells.len(),
            "failed": self.failed, "slowest_ms": slowest, "statuses": statuses, "recovered_seconds_max": self.recoveries,
            "unprepared": self.calls.unprepared(&self.operations),
            "seconds": tenths(began.elapsed().as_secs_f64()), "list": self.cells,
        }))
    }

    async fn round(&mut self, target: Target, mode: Mode) -> Result {
        let began = Instant::now();
        self.calls.prepare().await?;
        if target == Target::Keys {
            // A process that has the keys does not need the service for ten minutes: new ones have none.
            self.stack.restart_functions().await;
        }
        self.stack.set_fault(target, mode);
        self.call_all(target, mode).await;
        self.stack.clear_faults();
        let recovered = self.recovery(target, Instant::now()).await?;
        let seconds = recovered.as_secs_f64();
        let most = self.recoveries.entry(target.name()).or_default();
        *most = most.max(seconds);
        if recovered > RECOVERY {
            self.failed.push(json!({
                "service": target.name(), "fault": mode, "operation": null, "status": null, "code": null,
                "wrong": format!("used again only after {seconds:.1} s"),
            }));
        }
        let (name, fault, took) = (target.name(), json!(mode), began.elapsed().as_secs_f64());
        let fault = fault.as_str().unwrap_or_default();
        println!("  {name:>9} {fault:<9} {took:>5.1} s, used again after {seconds:.1} s");
        Ok(())
    }

    /// Calls every operation that there is time for.
    async fn call_all(&mut self, target: Target, mode: Mode) {
        let has_time =
            |one: &&Declaration| !self.quick || mode != Mode::Slow || one.deadline_seconds <= 30;
        let called: Vec<&Declaration> = self.operations.iter().copied().filter(has_time).collect();
        let answers = self.calls.all(&called).await;
        for (declaration, answer) in called.iter().zip(answers) {
            let wrong = violation(declaration, &answer, self.secrets);
            let cell = json!({
                "service": target.name(), "fault": mode, "operation": declaration.id, "status": answer.status,
                "code": answer.code(), "ms": answer.ms(), "wrong": wrong,
            });
            if wrong.is_some() {
                self.failed.push(cell.clone());
            }
            self.cells.push(cell);
        }
    }

    /// Without a fault no operation may fail.
    async fn expect_healthy(&self) -> Result {
        // Processes that missed the keys in an outage and were not asked since still have to fetch them.
        tokio::time::sleep(RECOVERY).await;
        self.calls.prepare().await?;
        let answers = self.calls.all(&self.operations).await;
        for (declaration, answer) in self.operations.iter().zip(answers) {
            if answer.status.is_none_or(|status| status >= 500) {
                let (id, status, body) = (declaration.id, answer.status, answer.body);
                let wrong = format!("{id} answers {status:?} though nothing is wrong: {body}");
                return Err(Error::setup(wrong, "see the logs under outages/logs"));
            }
        }
        Ok(())
    }

    /// From the end of the fault to the first call that the service is used for again.
    async fn recovery(&self, target: Target, cleared: Instant) -> Result<Duration> {
        let probes: &[&str] = match target {
            Target::Postgres | Target::DataApi => &["listChannels"],
            // Each process has to fetch them.
            Target::Keys => &[
                "listChannels",
                "getMe",
                "listContent",
                "listRenders",
                "listUploads",
            ],
            Target::Provider("gemini") => &["generateContent"],
            Target::Provider("revid") => &["estimateRender"],
            Target::Provider(_) => &["finishConnection"],
            Target::Providers => &["generateContent", "estimateRender", "finishConnection"],
        };
        for probe in probes {
            let what = format!("{probe} answers without a problem after {}", target.name());
            let is_used = async || {
                let answer = self.calls.probe(probe).await?;
                Ok(answer.status.is_some_and(|status| status < 400))
            };
            until(&what, PATIENCE, Duration::from_millis(100), is_used).await?;
        }
        Ok(cleared.elapsed())
    }
}
