//! Rounds in which ways are measured side by side, and what is told of many.
use std::time::Duration;

/// How long it is measured.
#[derive(Clone, Copy)]
pub struct Patience {
    /// How many turns each way gets.
    pub rounds: usize,
    /// How long a turn is.
    pub slice: Duration,
}

/// The value below which such a part of the values is; not a number where there is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a place in a list that fits in memory")]
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get((sorted.len().saturating_sub(1) as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}
