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
use store::Item;
use store::tables::{get_protection_groups_table, get_target_accounts_table};
use tokio::sync::Mutex;
use tokio::time::Instant;

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
    async fn forget(&self) {
        self.overview.forget().await;
        self.picture.forget().await;
        self.accounts.forget().await;
        self.groups.forget().await;
    }
}

/// One answer, for all who ask while it is kept.
struct Kept<T>(Mutex<Option<Answer<T>>>);

struct Answer<T> {
    read: Result<Arc<T>, Failure>,
    at: Instant,
}

impl<T> Answer<T> {
    /// A failure is only for those who waited for it.
    fn is_for(&self, asked: Instant) -> bool {
        asked <= self.at || (self.read.is_ok() && self.at.elapsed() < KEPT_FOR)
    }
}

impl<T> Kept<T> {
    fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// What is kept, else what `read` gives. Who asks meanwhile waits for the same, its failure too.
    async fn or_read(
        &self,
        read: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        let asked = Instant::now();
        let mut kept = self.0.lock().await;
        if let Some(answer) = kept.as_ref().filter(|answer| answer.is_for(asked)) {
            return answer.read.clone();
        }
        let read = Box::pin(read).await.map(Arc::new);
        *kept = Some(Answer { read: read.clone(), at: Instant::now() });
        read
    }

    /// Waits for whoever reads: what they read may be from before the change.
    async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl Queries {
    /// The whole installation, at most two seconds old, and as of when.
    ///
    /// # Errors
    /// As [`Queries::read_overview`].
    pub(crate) async fn recent_overview(&self) -> Result<Arc<(Overview, Freshness)>, Failure> {
        let read = async {
            let overview = self.read_overview().await?;
            // What an overview has read, the lists beside it need not read again.
            let picture = async { Ok(overview.0.picture.clone()) };
            self.recent.picture.or_read(picture).await?;
            Ok(overview)
        };
        self.recent.overview.or_read(read).await
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
    pub(crate) async fn forget_recent(&self) {
        self.recent.forget().await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;
    use crate::failure::ErrorCode;

    /// Reads `answer` in a second, and counts.
    async fn read_of<T>(answer: Result<T, Failure>, reads: &Cell<u32>) -> Result<T, Failure> {
        reads.set(reads.get() + 1);
        sleep(Duration::from_secs(1)).await;
        answer
    }

    /// What twenty are told who ask at once.
    async fn ask_at_once<T: Clone>(
        kept: &Kept<T>,
        answer: Result<T, Failure>,
        reads: &Cell<u32>,
    ) -> Vec<Result<Arc<T>, Failure>> {
        join_all((0..20).map(|_| kept.or_read(read_of(answer.clone(), reads)))).await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_read_once_for_all_who_ask_within_two_seconds() {
        let (kept, reads) = (Kept::new(), Cell::new(0));
        for answer in ask_at_once(&kept, Ok("picture"), &reads).await {
            assert_eq!(*answer.unwrap(), "picture");
        }
        sleep(KEPT_FOR - Duration::from_millis(1)).await;
        assert_eq!(*kept.or_read(read_of(Ok("later"), &reads)).await.unwrap(), "picture");
        sleep(Duration::from_millis(1)).await;
        assert_eq!(*kept.or_read(read_of(Ok("later"), &reads)).await.unwrap(), "later");
        assert_eq!(reads.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_for_those_who_waited_for_it_and_for_nobody_else() {
        let (kept, reads) = (Kept::new(), Cell::new(0));
        let failure = Failure::new(ErrorCode::InternalError, "the table is away");
        for answer in ask_at_once(&kept, Err(failure.clone()), &reads).await {
            assert_eq!(answer.unwrap_err(), failure);
        }
        sleep(Duration::from_millis(1)).await;
        assert_eq!(*kept.or_read(read_of(Ok("picture"), &reads)).await.unwrap(), "picture");
        assert_eq!(reads.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_change_nobody_is_told_what_was_read_before() {
        let (kept, reads) = (Kept::new(), Cell::new(0));
        let before = kept.or_read(read_of(Ok("before"), &reads));
        let change = async {
            sleep(Duration::from_millis(500)).await;
            kept.forget().await;
        };
        let (before, ()) = tokio::join!(before, change);
        assert_eq!(*before.unwrap(), "before");
        assert_eq!(*kept.or_read(read_of(Ok("after"), &reads)).await.unwrap(), "after");
    }
}
