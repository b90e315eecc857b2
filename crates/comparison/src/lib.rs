//! Both implementations of the sync on one simulated AWS, compared attribute by attribute.
//!
//! - [`side`]: one implementation on a world, with a simulator and a store of its own.
//! - [`differences`]: what is not the same.
//! - [`intended`]: the differences that are meant, each with its reason.
//! - [`render`]: a comparison for people, and the README's list.

pub mod differences;
pub mod intended;
pub mod render;
pub mod side;

use std::time::Duration;

use inventory::switch::Implementation;
use sim::World;

use side::Runner;

pub use differences::Difference;
pub use side::{RunError, Side};

/// One world through both.
#[derive(Debug)]
pub struct Comparison {
    /// The legacy sync.
    pub legacy: Side,
    /// The refactored one.
    pub refactored: Side,
    /// What is not the same, each with the intended difference that explains it.
    pub differences: Vec<Judged>,
}

/// A difference and the id of the entry of [`intended::INTENDED`] that explains it, if one does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What is not the same.
    pub difference: Difference,
    /// Why, or none: then one of the two is wrong.
    pub intended: Option<&'static str>,
}

impl Comparison {
    /// The differences that nothing explains.
    pub fn unexplained(&self) -> impl Iterator<Item = &Difference> {
        self.differences
            .iter()
            .filter(|judged| judged.intended.is_none())
            .map(|judged| &judged.difference)
    }

    /// The ids of the intended differences met, each once, sorted.
    pub fn met(&self) -> Vec<&'static str> {
        let mut met: Vec<_> =
            self.differences.iter().filter_map(|judged| judged.intended).collect();
        met.sort_unstable();
        met.dedup();
        met
    }
}

/// Runs both on `world`, one after the other, and compares what they did. Then both once more, for
/// their calls. `variables` are settings beyond those of the comparison.
///
/// # Errors
/// [`RunError`] where the simulator or a store could not be started or read.
pub async fn compare(world: &World, variables: &[(&str, &str)]) -> Result<Comparison, RunError> {
    let legacy_runner = Runner::new(world, Implementation::Legacy, variables).await?;
    let mut legacy = legacy_runner.run().await?;
    let refactored_runner = Runner::new(world, Implementation::Refactored, variables).await?;
    let mut refactored = refactored_runner.run().await?;
    (legacy.calls_again, refactored.calls_again) =
        futures::try_join!(legacy_runner.calls_again(), refactored_runner.calls_again())?;
    let context = intended::Context { world, legacy: &legacy, refactored: &refactored };
    let differences = intended::judge(differences::between(&legacy, &refactored), &context);
    Ok(Comparison { legacy, refactored, differences })
}

/// The times of both on `world`, the legacy one first, when both ask the same regions.
///
/// # Errors
/// [`RunError`] where the simulator or a store could not be started or read.
pub async fn race(world: &World) -> Result<(Duration, Duration), RunError> {
    let regions = legacy::REGIONS.join(",");
    let variables = [("DRS_REGIONS", regions.as_str())];
    let legacy = Runner::new(world, Implementation::Legacy, &variables).await?.run().await?;
    let refactored =
        Runner::new(world, Implementation::Refactored, &variables).await?.run().await?;
    Ok((legacy.took, refactored.took))
}
