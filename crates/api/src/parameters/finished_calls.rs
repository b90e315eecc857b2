//! What whoever spread a sync over many calls tells at its end.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sync::AccountsSynced;
use utoipa::ToSchema;

use crate::documented::forms as form;
use crate::failure::{ErrorCode, Failure};

/// So much a clock may be ahead of this one.
const CLOCKS_MAY_DIFFER: SignedDuration = SignedDuration::from_secs(30);

/// More servers and accounts than any installation has. Sums of it, which the ledger keeps, stay numbers.
const MOST: u64 = 1_000_000_000;

/// What became of the calls.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FinishedCalls {
    /// When the sync started, a time that has passed. Without it, an account without an answer is one
    /// that was never looked at.
    #[schema(value_type = Option<form::Time>)]
    pub started_at: Option<String>,
    /// The sum of `serversRemoved` of their answers.
    #[serde(default)]
    #[schema(maximum = 1_000_000_000)]
    pub servers_removed: u64,
    /// Calls whose answer was incomplete.
    #[serde(default)]
    #[schema(maximum = 1_000_000_000)]
    pub accounts_incomplete: u64,
}

impl FinishedCalls {
    pub(crate) fn accounts_synced(&self) -> Result<AccountsSynced, Failure> {
        let started_at = self.started_at.as_deref().map(start_of).transpose()?;
        for (name, number) in [
            ("serversRemoved", self.servers_removed),
            ("accountsIncomplete", self.accounts_incomplete),
        ] {
            if number > MOST {
                let message = format!("{name}: {number} is not a number from 0 to {MOST}");
                return Err(Failure::new(ErrorCode::InvalidParameter, message));
            }
        }
        let (servers_removed, incomplete) = (self.servers_removed, self.accounts_incomplete);
        Ok(AccountsSynced { started_at, servers_removed, incomplete })
    }
}

fn start_of(text: &str) -> Result<Timestamp, Failure> {
    let started: Option<Timestamp> = text.parse().ok();
    let started = started.filter(|at| *at <= Timestamp::now() + CLOCKS_MAY_DIFFER);
    started.ok_or_else(|| {
        let message = "startedAt: expected a time that has passed, as in 2026-11-24T12:00:00Z";
        Failure::new(ErrorCode::InvalidParameter, message)
    })
}
