//! A row of the region-status table: what it holds, and how a sync changes it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use model::{Failure, RegionStatus};

use super::outcome::{RegionOutcome, hides_servers};

type Item = HashMap<String, AttributeValue>;

/// An account's entry in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStatus {
    /// What came of the last query.
    pub status: RegionStatus,
    /// Distinct servers that DRS listed when it last answered.
    pub server_count: u64,
    /// Of the last query, where it failed.
    pub failure: Option<(String, String, bool)>,
    /// ISO 8601; none where the account was never asked.
    pub last_checked: Option<String>,
    /// ISO 8601; none where DRS never answered.
    pub last_success: Option<String>,
}

/// A region, in all accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionRow {
    /// The key.
    pub region: String,
    /// By account id.
    pub accounts: BTreeMap<String, AccountStatus>,
    /// When it was last written, ISO 8601.
    pub last_updated: String,
    /// The attribute that tells whether somebody else wrote the row since it was read.
    read: (&'static str, AttributeValue),
}

/// Whether an item of the table is a region. The table also holds rows of the sync's own, whose
/// keys start with `#`.
pub fn is_region(item: &Item) -> bool {
    let key = item.get("region").and_then(|region| region.as_s().ok());
    !key.is_some_and(|key| key.starts_with('#'))
}

/// Longest text of an error that a row keeps: a row of every account must stay below 400 KB.
const LONGEST_MESSAGE: usize = 500;

impl AccountStatus {
    /// Whether the region must be asked again for the account.
    pub(super) fn is_due(&self, now: Timestamp, interval: Duration) -> bool {
        let checked: Option<Timestamp> =
            self.last_checked.as_ref().and_then(|time| time.parse().ok());
        let fresh = checked.is_some_and(|checked| {
            let age = now.duration_since(checked);
            !age.is_negative() && age.unsigned_abs() < interval
        });
        self.server_count > 0 || self.has_failed() || !fresh
    }

    /// Whether the last query failed, and not because the region is not in use.
    pub(super) fn has_failed(&self) -> bool {
        self.status != RegionStatus::Active && !self.status.is_not_in_use()
    }

    /// Whether what the last query could not read may be servers.
    pub fn hides_servers(&self) -> bool {
        self.failure.is_some() && hides_servers(self.status, self.server_count > 0)
    }

    fn after(previous: Option<&Self>, result: &Result<u64, Failure>, now: &str) -> Self {
        let last_checked = Some(now.to_owned());
        match result {
            Ok(servers) => Self {
                status: RegionStatus::Active,
                server_count: *servers,
                failure: None,
                last_success: last_checked.clone(),
                last_checked,
            },
            Err(failure) => Self {
                status: failure.status,
                server_count: previous.map_or(0, |previous| previous.server_count),
                failure: Some((
                    failure.code.clone(),
                    failure.message.chars().take(LONGEST_MESSAGE).collect(),
                    failure.retryable,
                )),
                last_checked,
                last_success: previous.and_then(|previous| previous.last_success.clone()),
            },
        }
    }
}

impl RegionRow {
    /// The row after a sync that started at `now`. Accounts that were not asked stay.
    pub(super) fn after(
        previous: Option<&Self>,
        region: &str,
        outcomes: &[RegionOutcome],
        now: &str,
    ) -> Self {
        let mut accounts = previous.map(|row| row.accounts.clone()).unwrap_or_default();
        for outcome in outcomes {
            let status =
                AccountStatus::after(accounts.get(&outcome.account_id), &outcome.result, now);
            accounts.insert(outcome.account_id.clone(), status);
        }
        Self {
            region: region.to_owned(),
            accounts,
            last_updated: now.to_owned(),
            read: ("lastUpdated", text(now)),
        }
    }

    /// Servers of all accounts.
    pub fn server_count(&self) -> u64 {
        self.accounts.values().map(|account| account.server_count).sum()
    }

    /// `ACTIVE` where any account answered, else what most accounts got, ties in the order of
    /// [`RegionStatus`].
    pub fn status(&self) -> RegionStatus {
        let count = |status| self.accounts.values().filter(|a| a.status == status).count();
        if count(RegionStatus::Active) > 0 {
            return RegionStatus::Active;
        }
        // `max_by_key` takes the last of equals, so the order is turned round.
        RegionStatus::ALL
            .into_iter()
            .rev()
            .max_by_key(|status| count(*status))
            .unwrap_or(RegionStatus::Error)
    }

    /// The account with the most servers, ties to the smallest id.
    pub fn leading_account(&self) -> Option<&str> {
        let most = self.accounts.iter().rev().max_by_key(|(_, account)| account.server_count);
        most.map(|(id, _)| id.as_str())
    }

    /// The message of the first account that got the region's status, where that is a failure.
    fn error_message(&self) -> Option<&str> {
        let status = self.status();
        let account = self.accounts.values().find(|account| account.status == status)?;
        account.failure.as_ref().map(|(_, message, _)| message.as_str())
    }

    pub(super) fn as_read(&self) -> (&'static str, AttributeValue) {
        self.read.clone()
    }

    /// As it stands in the table.
    pub fn to_item(&self) -> Item {
        let accounts = self.accounts.iter().map(|(id, account)| (id.clone(), account.to_value()));
        let mut item = Item::from([
            ("region".to_owned(), text(&self.region)),
            ("serverCount".to_owned(), number(self.server_count())),
            ("status".to_owned(), text(self.status().name())),
            ("lastUpdated".to_owned(), text(&self.last_updated)),
            ("lastChecked".to_owned(), text(&self.last_updated)),
            ("accounts".to_owned(), AttributeValue::M(accounts.collect())),
        ]);
        if let Some(account) = self.leading_account() {
            item.insert("accountId".to_owned(), text(account));
        }
        if let Some(message) = self.error_message() {
            item.insert("errorMessage".to_owned(), text(message));
        }
        item
    }

    /// From the table. A row of the legacy sync, which has no `accounts`, knows the servers of
    /// its `accountId`, and was never asked.
    pub fn from_item(item: &Item) -> Self {
        let last_updated = get_text(item, "lastUpdated").unwrap_or_default();
        let (accounts, read) = match item.get("accounts") {
            Some(AttributeValue::M(map)) => {
                let accounts = map.iter().filter_map(|(id, value)| {
                    Some((id.clone(), AccountStatus::from_value(value.as_m().ok()?)?))
                });
                (accounts.collect(), ("accounts", AttributeValue::M(map.clone())))
            }
            _ => (legacy_account(item), ("lastUpdated", text(&last_updated))),
        };
        Self { region: get_text(item, "region").unwrap_or_default(), accounts, last_updated, read }
    }
}

fn legacy_account(item: &Item) -> BTreeMap<String, AccountStatus> {
    let Some(account_id) = get_text(item, "accountId") else { return BTreeMap::new() };
    let server_count = get_number(item, "serverCount");
    let status = get_text(item, "status").and_then(|name| RegionStatus::from_name(&name));
    let known = AccountStatus {
        status: status.unwrap_or(RegionStatus::Error),
        server_count,
        failure: None,
        last_checked: None,
        last_success: None,
    };
    if server_count == 0 { BTreeMap::new() } else { BTreeMap::from([(account_id, known)]) }
}

impl AccountStatus {
    fn to_value(&self) -> AttributeValue {
        let mut item = Item::from([
            ("status".to_owned(), text(self.status.name())),
            ("serverCount".to_owned(), number(self.server_count)),
        ]);
        if let Some((code, message, retryable)) = &self.failure {
            item.insert("errorCode".to_owned(), text(code));
            item.insert("errorMessage".to_owned(), text(message));
            item.insert("retryable".to_owned(), AttributeValue::Bool(*retryable));
        }
        for (name, time) in
            [("lastChecked", &self.last_checked), ("lastSuccess", &self.last_success)]
        {
            if let Some(time) = time {
                item.insert(name.to_owned(), text(time));
            }
        }
        AttributeValue::M(item)
    }

    fn from_value(item: &Item) -> Option<Self> {
        let failure = get_text(item, "errorCode").map(|code| {
            let retryable = item.get("retryable").and_then(|value| value.as_bool().ok().copied());
            let message = get_text(item, "errorMessage").unwrap_or_default();
            (code, message, retryable.unwrap_or(false))
        });
        Some(Self {
            status: RegionStatus::from_name(&get_text(item, "status")?)?,
            server_count: get_number(item, "serverCount"),
            failure,
            last_checked: get_text(item, "lastChecked"),
            last_success: get_text(item, "lastSuccess"),
        })
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn get_text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

fn get_number(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or(0)
}
