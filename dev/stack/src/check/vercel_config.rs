//! What `vercel.json` says besides its rules.

use std::path::Path;

use serde_json::Value;

use super::operations::destination;
use crate::functions::{Deployment, Destination};

/// Regions the product may run in.
const EU_REGIONS: [&str; 4] = ["fra1", "cdg1", "dub1", "arn1"];

/// The regions, the published folder and the schedule.
pub(super) fn check(root: &Path, deployment: &Deployment, faults: &mut Vec<String>) {
    let config: Value = match std::fs::read_to_string(root.join("vercel.json"))
        .map_err(|e| e.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|e| e.to_string()))
    {
        Ok(config) => config,
        Err(error) => {
            faults.push(format!("vercel.json cannot be read: {error}"));
            return;
        }
    };
    for region in config["regions"].as_array().into_iter().flatten() {
        if !region
            .as_str()
            .is_some_and(|region| EU_REGIONS.contains(&region))
        {
            faults.push(format!(
                "vercel.json: region {region} is not one of {}",
                EU_REGIONS.join(", ")
            ));
        }
    }
    if config["outputDirectory"] != "public" || !has_files(&root.join("public")) {
        faults.push("vercel.json: outputDirectory must be public, and public/ must hold a file; otherwise the sources are published".into());
    }
    for cron in config["crons"].as_array().into_iter().flatten() {
        let path = cron["path"].as_str().unwrap_or_default();
        if !matches!(
            destination(deployment, path),
            Some(Destination::Function(..))
        ) {
            faults.push(format!("vercel.json: the cron path {path} is no function"));
        }
        if cron["schedule"]
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .count()
            != 5
        {
            faults.push(format!(
                "vercel.json: the schedule of {path} must have five fields"
            ));
        }
    }
}

fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}
