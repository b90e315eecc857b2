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
    overview: Kept<(Overview, Freshness)>,
    picture: Kept<Picture>,
    accounts: Kept<Vec<Item>>,
    groups: Kept<Vec<Item>>,
}

impl Recent {
    pub(super) fn new() -> Self {
        let (overview, picture) = (Kept::new(), Kept::new());
        Self { overview, picture, accounts: Kept::new(), groups: Kept::new() }
    }

    /// After a change, nobody is to see what was before.
    fn forget(&self) {
        self.overview.forget();
        self.picture.forget();
        self.accounts.forget();
        self.groups.forget();
    }
}

/// One answer, for all who ask while it is kept.
struct Kept<T>(Cache<(), Arc<T>>);

impl<T: Send + Sync + 'static> Kept<T> {
    fn new() -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(KEPT_FOR).build())
    }

    /// What is kept, else what `read` gives. Who asks meanwhile waits for the same, its failure too.
    async fn or_read(
        &self,
        read: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        let read = async { read.await.map(Arc::new) };
        let read = self.0.try_get_with((), Box::pin(read)).await;
        read.map_err(|failure: Arc<Failure>| (*failure).clone())
    }

    fn forget(&self) {
        self.0.invalidate_all();
    }
}

impl Queries {
    /// The whole installation, at most two seconds old, and as of when.
    ///
    /// # Errors
    /// As [`Queries::read_overview`].
    pub(crate) async fn recent_overview(&self) -> Result<Arc<(Overview, Freshness)>, Failure> {
        let overview = self.recent.overview.or_read(self.read_overview()).await?;
        // What an overview has read, the lists beside it need not read again.
        let picture = async { Ok(overview.0.picture.clone()) };
        self.recent.picture.or_read(picture).await?;
        Ok(overview)
    }

    /// What is not known of the whole installation, at most two seconds old.
    ///
    /// # Errors
    /// A table that cannot be read, or a setting that is wrong.
    pub(crate) async fn recent_picture(&self) -> Result<Arc<Picture>, Failure> {
        let read = async {
            let (tables, freshness) = self.picture()?;
            Ok(read_picture(&tables, &freshness).await?)
        };
        self.recent.picture.or_read(read).await
    }

    /// The rows of the accounts table without external ids, at most two seconds old.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn recent_accounts(&self) -> Result<Arc<Vec<Item>>, Failure> {
        let read = async {
            let table = get_target_accounts_table(&self.store)?;
            Ok(list_accounts(&table).await?)
        };
        self.recent.accounts.or_read(read).await
    }

    /// The rows of the protection groups, at most two seconds old.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn recent_groups(&self) -> Result<Arc<Vec<Item>>, Failure> {
        let read = async {
            let table = get_protection_groups_table(&self.store)?;
            Ok(list_protection_groups(&table).await?)
        };
        self.recent.groups.or_read(read).await
    }

    /// After a change: the next answer is read anew.
    pub(crate) fn forget_recent(&self) {
        self.recent.forget();
    }
}
