//! What every page needs, read once for all who ask within two seconds.
//!
//! A sync ends every few minutes, and every answer says as of when it is: two seconds make none of them
//! wrong. Without them, each reader of a page would read the ledger of the whole installation anew.

use std::sync::Arc;
use std::time::Duration;

use inventory::accounts::list_accounts;
use inventory::overview::Overview;
use inventory::picture::{Freshness, Picture, read_picture};
use inventory::protection_groups::list_protection_groups;
use moka::future::Cache;
use store::Item;
use store::tables::{get_protection_groups_table, get_target_accounts_table};

use super::Queries;
use crate::failure::Failure;

/// How long an answer is given to others, too.
const KEPT_FOR: Duration = Duration::from_secs(2);

/// What was read within the last two seconds. A failure is not kept.
pub(super) struct Recent {
    overview: Cache<(), Arc<(Overview, Freshness)>>,
    picture: Cache<(), Arc<Picture>>,
    accounts: Cache<(), Arc<Vec<Item>>>,
    groups: Cache<(), Arc<Vec<Item>>>,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self { overview: kept(), picture: kept(), accounts: kept(), groups: kept() }
    }

    /// After a change, nobody is to see what was before.
    fn forget(&self) {
        self.overview.invalidate_all();
        self.picture.invalidate_all();
        self.accounts.invalidate_all();
        self.groups.invalidate_all();
    }
}

fn kept<T: Send + Sync + 'static>() -> Cache<(), Arc<T>> {
    Cache::builder().max_capacity(1).time_to_live(KEPT_FOR).build()
}

impl Queries {
    /// The whole installation, at most two seconds old, and as of when.
    ///
    /// # Errors
    /// As [`Queries::read_overview`].
    pub(crate) async fn recent_overview(&self) -> Result<Arc<(Overview, Freshness)>, Failure> {
        let read = async { self.read_overview().await.map(Arc::new) };
        let read = self.recent.overview.try_get_with((), Box::pin(read)).await;
        let overview = read.map_err(of_all)?;
        // What an overview has read, the lists beside it need not read again.
        if self.recent.picture.get(&()).await.is_none() {
            self.recent.picture.insert((), Arc::new(overview.0.picture.clone())).await;
        }
        Ok(overview)
    }

    /// What is not known of the whole installation, at most two seconds old.
    ///
    /// # Errors
    /// A table that cannot be read, or a setting that is wrong.
    pub(crate) async fn recent_picture(&self) -> Result<Arc<Picture>, Failure> {
        let read = async {
            let (tables, freshness) = self.picture()?;
            Ok::<_, Failure>(Arc::new(read_picture(&tables, &freshness).await?))
        };
        self.recent.picture.try_get_with((), Box::pin(read)).await.map_err(of_all)
    }

    /// The rows of the accounts table without external ids, at most two seconds old.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn recent_accounts(&self) -> Result<Arc<Vec<Item>>, Failure> {
        let read = async {
            let table = get_target_accounts_table(&self.store)?;
            Ok::<_, Failure>(Arc::new(list_accounts(&table).await?))
        };
        self.recent.accounts.try_get_with((), Box::pin(read)).await.map_err(of_all)
    }

    /// The rows of the protection groups, at most two seconds old.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn recent_groups(&self) -> Result<Arc<Vec<Item>>, Failure> {
        let read = async {
            let table = get_protection_groups_table(&self.store)?;
            Ok::<_, Failure>(Arc::new(list_protection_groups(&table).await?))
        };
        self.recent.groups.try_get_with((), Box::pin(read)).await.map_err(of_all)
    }

    /// After a change: the next answer is read anew.
    pub(crate) fn forget_recent(&self) {
        self.recent.forget();
    }
}

/// Several may have waited for the same failure.
fn of_all(failure: Arc<Failure>) -> Failure {
    (*failure).clone()
}
