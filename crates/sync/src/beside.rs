//! What is read beside the servers of an account, where settings say so. Nothing of it fails a sync.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::drills::read_drills;
use super::listed_server::ListedServer;
use super::report::AccountOutcome;
use super::settings::FindUnprotected;
use super::unprotected::find_unprotected;
use super::work::Work;

/// Reads drills, and looks for what nothing protects, while the account is still claimed. Its rows are
/// written by then.
pub(super) fn read_beside<'a>(
    work: &'a Work<'_>,
    outcome: &'a AccountOutcome,
    listed: &'a [ListedServer],
) -> BoxFuture<'a, ()> {
    // Each is made on its way into a box: together they would not fit on a small stack.
    let settings = &work.run.sync.settings;
    let drills = settings.read_drills.then(|| read_drills(work, listed));
    let finds = settings.find_unprotected != FindUnprotected::No;
    let unprotected = finds.then(|| find_unprotected(work, outcome, listed));
    let all = drills.into_iter().chain(unprotected);
    join_all(all).map(drop).boxed()
}
