//! What the ledger says is wrong, over all accounts.

use std::collections::{BTreeSet, HashSet};

use model::{AccountToQuery, Place};
use store::QueryError;
use store::rows::ledger::{ACCOUNT_ENTRY, PlaceEntry, Trouble};
use store::tables::{Listing, TROUBLE_INDEX};

use super::finish::{MOST_PLACES, NotKnown};
use super::run::Run;

/// Places are counted, and only the first are named: where many accounts fail everywhere, there are
/// very many.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    /// Places that could not be read.
    pub(crate) places: u64,
    /// Regions that have such a place.
    pub(crate) regions: BTreeSet<String>,
    /// Accounts that could not be entered.
    pub(crate) accounts: BTreeSet<String>,
    /// Rows whose removal waits for an approval.
    pub(crate) held: u64,
    named: Vec<String>,
}

impl Troubles {
    /// Of the accounts that there are. The index may lag by what was written last.
    pub(crate) async fn read(
        run: &Run<'_>,
        accounts: &[AccountToQuery],
    ) -> Result<Self, QueryError> {
        let there: HashSet<&str> = accounts.iter().map(|it| it.account_id.as_str()).collect();
        let mut troubles = Self::default();
        for trouble in Trouble::ALL {
            let (table, name) = (&run.start.ledger, trouble.name());
            let mut pages = Listing::of_index(table, TROUBLE_INDEX, "trouble", name).pages(None);
            while let Some(page) = pages.next().await? {
                let entries =
                    page.items.into_iter().filter_map(|it| serde_dynamo::from_item(it).ok());
                let of_those = |entry: &PlaceEntry| there.contains(entry.account_id.as_str());
                entries.filter(of_those).for_each(|entry| troubles.add(trouble, entry));
            }
        }
        Ok(troubles)
    }

    fn add(&mut self, trouble: Trouble, entry: PlaceEntry) {
        self.held += entry.removal_held.map_or(0, |held| held.count);
        match (trouble, entry.region.as_str()) {
            (Trouble::Held, _) => {}
            (Trouble::NeverRead | Trouble::Failed, ACCOUNT_ENTRY) => {
                self.accounts.insert(entry.account_id);
            }
            (Trouble::NeverRead | Trouble::Failed, region) => {
                self.places += 1;
                if self.named.len() < MOST_PLACES {
                    self.named.push(Place::new(&entry.account_id, region).to_string());
                }
                self.regions.insert(entry.region);
            }
        }
    }

    /// What is not known where, beside that, some accounts have not answered at all.
    pub(crate) fn not_known(&self, unanswered: &BTreeSet<String>) -> NotKnown {
        let accounts: BTreeSet<&String> = self.accounts.union(unanswered).collect();
        let count = accounts.len() as u64 + self.places;
        let named = accounts.into_iter().chain(&self.named);
        NotKnown { count, named: named.take(MOST_PLACES).cloned().collect() }
    }
}
