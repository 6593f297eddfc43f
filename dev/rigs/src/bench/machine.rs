//! The machine of a measurement.

use serde_json::{Value, json};

/// What it was measured on: the processor, the memory, the system and its load.
pub(super) fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_once(':'));
        value.map(|(_, value)| value.trim().to_owned())
    };
    let load = read("/proc/loadavg");
    let load: Vec<f64> = load
        .split(' ')
        .take(3)
        .filter_map(|n| n.parse().ok())
        .collect();
    json!({
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "processor": field(&read("/proc/cpuinfo"), "model name"),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "system": read("/proc/sys/kernel/osrelease").trim(),
        "load": load,
        "at": jiff::Timestamp::now().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
    })
}
