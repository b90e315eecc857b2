//! The accounts of the organization beside those of the accounts table.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use sync::time::iso;

use super::organization::OrganizationAccounts;

/// An account that the accounts table lists, as a target or a staging account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As it stands in the table.
    pub account_id: String,
    /// For people.
    pub name: Option<String>,
}

/// What the organization has that the table has not, and the other way round. Each list by account id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovered {
    /// As in `o-a1b2c3d4e5`.
    pub organization_id: String,
    /// Twelve digits. A service-managed stack set does not reach this account.
    pub management_account_id: String,
    /// When the organization was asked, ISO 8601.
    pub as_of: String,
    /// Active, wanted, and in no row.
    pub new: Vec<DiscoveredAccount>,
    /// In a row, and no longer active in the organization.
    pub suspended: Vec<DiscoveredAccount>,
    /// In a row, and not in the organization.
    pub gone: Vec<DiscoveredAccount>,
    /// In a row, and active.
    pub known: Vec<DiscoveredAccount>,
    /// Accounts in no row that the selection leaves out.
    pub not_selected: usize,
    /// Wanted accounts in no row that are not active. Their tags are not asked for.
    pub not_active: usize,
    /// Whether readers are told of the accounts that were never added.
    pub recorded: bool,
}

/// One account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveredAccount {
    /// Twelve digits.
    pub account_id: String,
    /// As the organization has it; of one that is gone, as the table has it. May be empty.
    pub account_name: String,
    /// As in `SUSPENDED`; none of one that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether it was added; none where that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added: Option<bool>,
    /// Why it could not be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Discovered {
    /// Whether every account that was to be added was.
    pub fn all_added(&self) -> bool {
        self.new.iter().all(|account| account.added != Some(false))
    }

    /// Accounts that should be in the table and are not.
    pub fn never_added(&self) -> impl Iterator<Item = &DiscoveredAccount> {
        self.new.iter().filter(|account| account.added != Some(true))
    }
}

pub(super) fn difference(
    organization: OrganizationAccounts,
    listed: &[Listed],
    now: Timestamp,
) -> Discovered {
    let OrganizationAccounts { id, management_account_id, accounts, wanted } = organization;
    let as_of = iso(now);
    let mut found =
        Discovered { organization_id: id, management_account_id, as_of, ..Discovered::default() };
    let mut rows: BTreeMap<&str, &Listed> = BTreeMap::new();
    for row in listed {
        rows.entry(&row.account_id).or_insert(row);
    }
    let mut seen = BTreeSet::new();
    for account in accounts {
        seen.insert(account.id.clone());
        let is_listed = rows.contains_key(account.id.as_str());
        let (is_active, is_wanted) = (account.is_active(), wanted.contains(&account.id));
        let account = DiscoveredAccount {
            account_id: account.id,
            account_name: account.name,
            state: Some(account.state),
            ..DiscoveredAccount::default()
        };
        match (is_listed, is_active, is_wanted) {
            (true, true, _) => found.known.push(account),
            (true, false, _) => found.suspended.push(account),
            (false, true, true) => found.new.push(account),
            (false, false, true) => found.not_active += 1,
            (false, _, false) => found.not_selected += 1,
        }
    }
    let gone = rows.values().filter(|row| !seen.contains(&row.account_id));
    found.gone.extend(gone.map(|row| DiscoveredAccount {
        account_id: row.account_id.clone(),
        account_name: row.name.clone().unwrap_or_default(),
        ..DiscoveredAccount::default()
    }));
    for list in [&mut found.new, &mut found.suspended, &mut found.gone, &mut found.known] {
        list.sort_by(|a, b| a.account_id.cmp(&b.account_id));
    }
    found
}

#[cfg(test)]
mod tests {
    use aws::OrganizationAccount;
    use proptest::prelude::*;

    use super::*;

    fn any_account() -> impl Strategy<Value = (u8, bool, bool)> {
        (0u8..30, any::<bool>(), any::<bool>())
    }

    proptest! {
        /// Every account that either side names is in exactly one list or count, and only an active and
        /// wanted one that no row has is new.
        #[test]
        fn nothing_is_lost_and_nothing_is_twice(
            organization in prop::collection::vec(any_account(), 0..30),
            rows in prop::collection::vec(0u8..30, 0..30),
        ) {
            let organization: BTreeMap<u8, (bool, bool)> =
                organization.into_iter().map(|(id, active, wanted)| (id, (active, wanted))).collect();
            let id = |n: &u8| format!("{n:012}");
            let state = |active: bool| if active { "ACTIVE" } else { "SUSPENDED" }.to_owned();
            let accounts = organization.iter().map(|(n, (active, _))| OrganizationAccount {
                id: id(n), name: String::new(), state: state(*active),
            });
            let wanted = organization.iter().filter(|(_, (_, wanted))| *wanted);
            let asked = OrganizationAccounts {
                accounts: accounts.collect(),
                wanted: wanted.map(|(n, _)| id(n)).collect(),
                ..OrganizationAccounts::default()
            };
            let listed: Vec<Listed> =
                rows.iter().map(|n| Listed { account_id: id(n), name: None }).collect();
            let found = difference(asked, &listed, Timestamp::UNIX_EPOCH);
            let rows: BTreeSet<u8> = rows.into_iter().collect();
            let all: BTreeSet<&u8> = organization.keys().chain(&rows).collect();
            let lists = [&found.new, &found.suspended, &found.gone, &found.known];
            let named: Vec<&String> =
                lists.into_iter().flatten().map(|account| &account.account_id).collect();
            let distinct: BTreeSet<&&String> = named.iter().collect();
            prop_assert_eq!(named.len(), distinct.len());
            prop_assert_eq!(named.len() + found.not_selected + found.not_active, all.len());
            let new = organization.iter().filter(|(n, (active, wanted))| *active && *wanted && !rows.contains(n));
            let new: Vec<String> = new.map(|(n, _)| id(n)).collect();
            let found: Vec<String> = found.new.into_iter().map(|it| it.account_id).collect();
            prop_assert_eq!(found, new);
        }
    }
}
