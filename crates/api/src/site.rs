//! What is served, and what may be changed.

use std::sync::Arc;

use crate::data::Data;
use crate::failure::{ErrorCode, Failure};
use crate::query::Queries;

/// Starts a sync of all accounts in the background, unless one is under way.
pub type StartSync = Box<dyn Fn() -> Result<(), Failure> + Send + Sync>;

/// What may be changed, and by whom a sync is done.
pub struct Changes {
    /// Accounts, groups, plans, and what is let go.
    pub data: Data,
    /// The account that the program runs in, where it is known.
    pub hub: Option<String>,
    /// None where whoever serves this cannot sync.
    pub start_sync: Option<StartSync>,
}

/// What a router serves.
#[derive(Clone)]
pub struct Site {
    queries: Arc<Queries>,
    changes: Option<Arc<Changes>>,
}

impl Site {
    /// Where everything is read and nothing changed.
    pub fn read_only(queries: Arc<Queries>) -> Self {
        Self { queries, changes: None }
    }

    /// Where changes are made, too.
    pub fn with_changes(queries: Arc<Queries>, changes: Changes) -> Self {
        Self { queries, changes: Some(Arc::new(changes)) }
    }

    pub(crate) fn queries(&self) -> &Queries {
        &self.queries
    }

    /// Whether a page offers changes.
    pub(crate) fn allows_changes(&self) -> bool {
        self.changes.is_some()
    }

    /// What changes are made with.
    ///
    /// # Errors
    /// `AUTHORIZATION_FAILED` where nothing may be changed here.
    pub(crate) fn changes(&self) -> Result<&Changes, Failure> {
        self.changes.as_deref().ok_or_else(|| {
            let message = "nothing can be changed here; `drs-inventory serve --allow-changes` can, \
                           and so can the function data-management-handler";
            Failure::new(ErrorCode::AuthorizationFailed, message)
        })
    }

    pub(crate) fn start_sync(&self) -> Result<(), Failure> {
        match &self.changes()?.start_sync {
            Some(start) => start(),
            None => {
                let message = "no sync can be started here; `drs-inventory sync` starts one";
                Err(Failure::new(ErrorCode::InvalidState, message))
            }
        }
    }
}
