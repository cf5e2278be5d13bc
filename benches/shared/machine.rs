//! The machine that it is measured on.
use std::{fs, path::Path};

/// The machine in a few words: nothing by which it could be found.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = line("/proc/cpuinfo", "model name").map_or_else(|| "unknown processor".into(), |model| model.trim_start_matches(':').trim().to_owned());
    let memory = line("/proc/meminfo", "MemTotal:").and_then(|total| total.trim_end_matches("kB").trim().parse::<f64>().ok());
    let memory = memory.map_or_else(|| "unknown memory".into(), |kibibytes| format!("{:.0} GiB of memory", kibibytes / 1024.0 / 1024.0));
    format!("{cores} cores ({model}), {memory}, {} on {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// What follows `name` in the first line of a file that begins with it.
pub fn line(file: impl AsRef<Path>, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned())
}
