//! What is read beside the servers of an account, where settings say so. Nothing of it fails a sync.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use model::SourceServer;

use super::drills::read_drills;
use super::report::AccountOutcome;
use super::settings::{FindUnprotected, Settings};
use super::unprotected::find_unprotected;
use super::work::Work;

/// What is kept of a server that DRS lists until the end of its account.
#[derive(Debug, Clone)]
pub(crate) struct ListedServer {
    /// Where it is listed.
    pub(crate) region: String,
    /// Empty where DRS gives none.
    pub(crate) arn: String,
    pub(crate) id: String,
    /// The account, region and id of its instance, where it names one.
    pub(crate) instance: Option<(String, String, String)>,
    /// The instance that it was last launched as; empty where there is none.
    pub(crate) recovery_instance_id: String,
}

/// What is kept of `servers`; nothing where no setting needs it.
pub(super) fn listed_beside(settings: &Settings, servers: &[SourceServer]) -> Vec<ListedServer> {
    if !settings.read_drills && settings.find_unprotected == FindUnprotected::No {
        return Vec::new();
    }
    servers.iter().map(listed).collect()
}

fn listed(server: &SourceServer) -> ListedServer {
    let instance = server.instance_id().map(|id| {
        let (account, region) = (server.origin_account(), server.origin_region());
        (account.to_owned(), region.to_owned(), id.to_owned())
    });
    ListedServer {
        region: server.region.clone(),
        arn: server.arn().unwrap_or_default().to_owned(),
        id: server.source_server_id.clone(),
        instance,
        recovery_instance_id: server.recovery_instance_id.clone(),
    }
}

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
