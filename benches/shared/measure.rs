//! Measuring side by side: the ways take turns in short slices, and what is told are ratios inside each turn, because
//! on a shared machine the next second may be twice as slow for everybody.
use crate::rounds::{Patience, quantile};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// A way to something, that is asked again and again.
pub trait Asked {
    /// What is asked.
    type Question;
    /// Asks once.
    async fn ask(&mut self, question: &Self::Question) -> Result<()>;
}

/// A way, and how long its requests took.
pub struct Measured<W> {
    /// What the way is called.
    pub name: &'static str,
    /// The way.
    pub way: W,
    /// The median of each round, in microseconds.
    rounds: Vec<f64>,
    /// How many requests there were.
    pub requests: usize,
}

impl<W: Asked> Measured<W> {
    /// A way that has not been measured yet.
    pub fn new(name: &'static str, way: W) -> Self {
        Self { name, way, rounds: Vec::new(), requests: 0 }
    }

    /// The median of a request, in microseconds.
    pub fn median(&self) -> f64 {
        quantile(&self.rounds, 0.5)
    }

    /// How many times as fast this is as `other`, round by round: the lower quartile, the median, the upper quartile.
    pub fn times(&self, other: &Self) -> [f64; 3] {
        let ratios: Vec<f64> = other.rounds.iter().zip(&self.rounds).map(|(other, own)| other / own).collect();
        [0.25, 0.5, 0.75].map(|part| quantile(&ratios, part))
    }

    async fn turn(&mut self, questions: &[W::Question], slice: Duration) -> Result<()> {
        let mut took = Vec::new();
        let start = Instant::now();
        for question in questions.iter().cycle() {
            let asked = Instant::now();
            self.way.ask(question).await.context(self.name)?;
            took.push(asked.elapsed().as_secs_f64() * 1e6);
            if start.elapsed() >= slice {
                break;
            }
        }
        self.rounds.push(quantile(&took, 0.5));
        self.requests += took.len();
        Ok(())
    }
}

/// Lets the ways take turns, each round beginning with another one.
pub async fn measure<W: Asked>(ways: &mut [Measured<W>], questions: &[W::Question], patience: Patience) -> Result<()> {
    for round in 0..patience.rounds {
        for turn in 0..ways.len() {
            let next = (round + turn) % ways.len();
            ways[next].turn(questions, patience.slice).await?;
        }
    }
    Ok(())
}
