//! What a sync tells while it runs. The library says it; a renderer shows it.

use std::sync::Arc;

use super::drs::RegionAnswer;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The accounts to ask are known.
    AccountsCollected {
        /// How many.
        accounts: usize,
    },
    /// The regions to ask in an account are known.
    AccountEntered {
        /// The account.
        account_id: String,
        /// How many regions.
        regions: usize,
    },
    /// A region answered, or failed.
    RegionAnswered {
        /// The account.
        account_id: String,
        /// The region.
        region: String,
        /// Servers listed.
        servers: usize,
    },
    /// Servers of an account are in the inventory.
    RowsStored {
        /// The account.
        account_id: String,
        /// How many more.
        rows: usize,
    },
    /// An account is done, or could not be entered.
    AccountDone {
        /// The account.
        account_id: String,
    },
}

impl Event {
    pub(super) fn of_answer(account_id: &str, answer: &RegionAnswer) -> Self {
        Self::RegionAnswered {
            account_id: account_id.to_owned(),
            region: answer.region.clone(),
            servers: answer.result.as_ref().map_or(0, |listing| listing.servers.len()),
        }
    }
}

/// Where events go. Clones share it.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Event) + Send + Sync>);

impl Progress {
    /// Each event is given to `show`, from whatever task it happens in.
    pub fn new(show: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(show))
    }

    /// Nobody looks.
    pub fn none() -> Self {
        Self::new(drop)
    }

    pub(super) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}
