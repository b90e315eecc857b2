//! The instances that source servers name, whoever lists those servers.

use std::collections::{BTreeSet, HashSet};

use store::tables::{Listing, SOURCE_ACCOUNT_INDEX};
use store::{Item, text};

use crate::listed_server::ListedServer;
use crate::work::Work;

/// What is protected of an account.
#[derive(Debug, Default)]
pub(super) struct Protected {
    /// Instances that source servers name, and those that DRS launched.
    pub(super) instances: HashSet<String>,
    /// Where protected instances of the account run.
    pub(super) regions: BTreeSet<String>,
    /// Whether the inventory told what other accounts list.
    pub(super) is_whole: bool,
}

/// From what this sync saw in the account, and what the inventory has of others that list its
/// servers, such as staging accounts.
pub(super) async fn protected(work: &Work<'_>, listed: &[ListedServer]) -> Protected {
    let account = &work.session.account_id;
    let mut protected = Protected::default();
    for server in listed {
        protected.instances.insert(server.recovery_instance_id.clone());
        let Some((origin, region, id)) = &server.instance else { continue };
        protected.instances.insert(id.clone());
        if origin == account {
            protected.regions.insert(region.clone());
        }
    }
    let rows = Listing::of_index(
        &work.run.start.inventory,
        SOURCE_ACCOUNT_INDEX,
        "sourceAccountId",
        account,
    );
    let read = work.run.start.deadline.within(rows.every_item()).await;
    match read {
        Ok(Ok(rows)) => {
            protected.is_whole = true;
            rows.iter().filter(|row| is_listed(row)).for_each(|row| protected.add_row(row));
        }
        Ok(Err(error)) => {
            let cause = error.to_string();
            tracing::warn!(account, cause, "servers that others list are not known");
        }
        Err(_) => {}
    }
    protected
}

/// A server that DRS no longer lists protects nothing. One whose account left may still be there.
fn is_listed(row: &Item) -> bool {
    text(row, "missingBecause") != "NOT_LISTED"
}

impl Protected {
    fn add_row(&mut self, row: &Item) {
        self.instances.insert(text(row, "recoveryInstanceId").to_owned());
        let (id, region) = (text(row, "instanceId"), text(row, "sourceRegion"));
        if !id.is_empty() {
            self.instances.insert(id.to_owned());
            self.regions.insert(region.to_owned());
        }
    }
}
