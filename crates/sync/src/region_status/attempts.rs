//! When accounts that could not be entered were last tried: a row of the region-status table.
//!
//! Such an account has no entry in any region. Without this row it would look like one that was
//! never asked, and be the first at every sync.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use model::AccountToQuery;
use store::tables::DrsRegionStatusTable;

use super::{KnownRegions, put_row_of};
use crate::pace::Deadline;

/// The row's key. No region is called that.
pub const ATTEMPTS_KEY: &str = "#not-entered";
const TRIED: &str = "lastTried";

type Item = HashMap<String, AttributeValue>;

/// By account id, the start of the sync that tried in vain to enter it, ISO 8601.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts(BTreeMap<String, String>);

impl Attempts {
    /// From the table, where `item` is that row.
    pub(super) fn from_item(item: &Item) -> Option<Self> {
        if item.get("region")?.as_s().ok()? != ATTEMPTS_KEY {
            return None;
        }
        let tried = item.get(TRIED).and_then(|tried| tried.as_m().ok());
        let times = tried.into_iter().flatten().filter_map(|(account, time)| {
            time.as_s().ok().map(|time| (account.clone(), time.clone()))
        });
        Some(Self(times.collect()))
    }

    fn to_item(&self, now: &str) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let tried = self.0.iter().map(|(account, time)| (account.clone(), text(time)));
        Item::from([
            ("region".to_owned(), text(ATTEMPTS_KEY)),
            (TRIED.to_owned(), AttributeValue::M(tried.collect())),
            ("lastUpdated".to_owned(), text(now)),
        ])
    }

    /// When an account was last tried in vain.
    pub(super) fn of(&self, account_id: &str) -> Option<&str> {
        self.0.get(account_id).map(String::as_str)
    }

    /// The account was entered.
    pub fn entered(&mut self, account_id: &str) {
        self.0.remove(account_id);
    }

    /// The account was tried in vain, in the sync that started at `now`.
    pub fn tried_in_vain(&mut self, account_id: &str, now: &str) {
        self.0.insert(account_id.to_owned(), now.to_owned());
    }
}

/// Records which of `accounts`, all that there are, could not be entered. Without that the sync is
/// as good; the next one may ask in a worse order. A sync of one account has no order to keep.
pub async fn update_attempts(
    table: &DrsRegionStatusTable,
    known: &KnownRegions,
    mut attempts: Attempts,
    accounts: &[AccountToQuery],
    (now, ends): (&str, Deadline),
) {
    attempts.0.retain(|id, _| accounts.iter().any(|account| account.account_id == *id));
    if attempts == *known.attempts() {
        return;
    }
    if let Err(failure) = put_row_of(table, attempts.to_item(now), ends).await {
        let (code, cause) = (&failure.code, &failure.message);
        tracing::warn!(code, cause, "accounts that could not be entered not recorded");
    }
}
