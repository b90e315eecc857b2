//! The switch: which implementation of the sync runs. It is read at every sync, so that operators can
//! go back at once, without a deployment.

use futures::FutureExt;
use jiff::Timestamp;
use legacy::handle_sync_source_server_inventory_legacy;
use model::environment::{ConfigError, Environment};
use sync::{InventorySync, SyncRequest, handle_sync_source_server_inventory_refactored};

use crate::outcome::{Outcome, OutcomeError};

/// Which implementation of the sync runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// The steps of [`sync`].
    Refactored,
    /// The legacy order of work, faults included.
    Legacy,
}

impl Implementation {
    /// `USE_REFACTORED_INVENTORY_SYNC`: `true` (also where it is not set) or `false`, any case.
    ///
    /// # Errors
    /// Any other value, by name.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        const VARIABLE: &str = "USE_REFACTORED_INVENTORY_SYNC";
        let Some(value) = environment.get(VARIABLE) else { return Ok(Self::Refactored) };
        match value.to_ascii_lowercase().as_str() {
            "true" => Ok(Self::Refactored),
            "false" => Ok(Self::Legacy),
            _ => Err(ConfigError::Invalid { variable: VARIABLE, value, expected: "true or false" }),
        }
    }

    /// `refactored` or `legacy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refactored => "refactored",
            Self::Legacy => "legacy",
        }
    }
}

/// One sync, by the implementation that `environment` names now.
///
/// # Errors
/// [`OutcomeError`] where nothing could be done; everything less is in the outcome.
pub async fn handle_sync_source_server_inventory(
    sync: &InventorySync,
    environment: &Environment,
    request: &SyncRequest,
) -> Result<Outcome, OutcomeError> {
    let implementation = Implementation::from_environment(environment)?;
    tracing::info!(implementation = implementation.name(), "inventory sync starts");
    // Boxed, since whoever answers several operations has room for each of them in one future; and as a
    // trait object, since what is in it is nested deeper than the compiler looks.
    Ok(match implementation {
        Implementation::Refactored => {
            handle_sync_source_server_inventory_refactored(sync, request).boxed().await?.into()
        }
        Implementation::Legacy => {
            let now = Timestamp::try_from(sync.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
            let synced = handle_sync_source_server_inventory_legacy(&sync.aws, &sync.store, now);
            synced.boxed().await?.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn implementation(value: &str) -> Result<Implementation, ConfigError> {
        Implementation::from_environment(&Environment::of([(
            "USE_REFACTORED_INVENTORY_SYNC",
            value,
        )]))
    }

    #[test]
    fn the_flag_is_true_or_false_in_any_case() {
        assert_eq!(implementation("TRUE"), Ok(Implementation::Refactored));
        assert_eq!(implementation("False"), Ok(Implementation::Legacy));
        let unset = Implementation::from_environment(&Environment::of([]));
        assert_eq!(unset, Ok(Implementation::Refactored));
    }

    #[test]
    fn another_value_of_the_flag_is_refused_by_name() {
        for value in ["", "1", "yes", "true "] {
            let text = implementation(value).unwrap_err().to_string();
            assert!(text.contains("USE_REFACTORED_INVENTORY_SYNC"), "{text}");
            assert!(text.contains(&format!("{value:?}")), "{text}");
        }
    }
}
