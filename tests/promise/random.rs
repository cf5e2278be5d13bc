//! What is made at random: from a seed, which is told when something fails, and as short as it can be by then.
use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use std::io::Write;

/// The environment's name for a seed.
const SEED: &str = "MONITUOTTAJA_TEST_SEED";

/// What the environment says by a name, where it does.
pub fn named<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// How many sequences there are: as many as the environment says.
pub fn cases(unless_named: u32) -> u32 {
    named("PROPTEST_CASES").unwrap_or(unless_named)
}

/// A seed, which is told should the story fail.
pub struct Seed(pub u64);

impl Seed {
    /// The one that the environment names, or another each time.
    pub fn any() -> Self {
        Self(named(SEED).unwrap_or_else(|| fastrand::u64(..)))
    }

    /// Tries what a strategy makes by it. Whatever fails is made as short as it can be, within so many tries: each may take a database of its own.
    ///
    /// # Panics
    /// With what failed, and how.
    pub fn tries<S: Strategy>(&self, cases: u32, shorter: u32, strategy: &S, one: impl AsyncFn(S::Value) -> Result<(), String>) {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.0.to_le_bytes());
        let config = Config { cases, max_shrink_iters: shorter, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let here = tokio::runtime::Handle::current();
        let outcome = tokio::task::block_in_place(|| runner.run(strategy, |made| here.block_on(one(made)).map_err(TestCaseError::fail)));
        if let Err(fault) = outcome {
            panic!("{fault}");
        }
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "{SEED}={} tries the same again", self.0);
        }
    }
}
