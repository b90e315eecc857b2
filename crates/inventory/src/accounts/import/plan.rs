//! What of a file is new: checked against itself, and against the table.

use std::collections::{BTreeMap, BTreeSet};

use model::ExternalId;
use store::rows::StagingAccounts;
use store::tables::TargetAccountsTable;
use store::{Item, scan, text};

use super::super::NewAccount;
use super::super::input::validate;
use super::file::{Entry, FileError};
use super::{ImportError, Imported, ImportedAccount};
use crate::accounts::AccountError;

/// A target account with its staging accounts.
pub(super) struct Target {
    pub(super) account: NewAccount,
    pub(super) members: Vec<NewAccount>,
}

pub(super) struct Planned {
    pub(super) new: Vec<Target>,
    unchanged: Vec<Target>,
}

impl Planned {
    pub(super) fn told(&self, applied: bool) -> Imported {
        let told = |targets: &[Target]| targets.iter().map(Target::told).collect();
        Imported { new: told(&self.new), unchanged: told(&self.unchanged), applied }
    }
}

impl Target {
    /// As it is stored.
    pub(super) fn to_item(&self) -> Item {
        let mut item = self.account.to_item();
        if !self.members.is_empty() {
            let mut members = StagingAccounts::default();
            self.members.iter().for_each(|member| members.add(member));
            item.insert(StagingAccounts::ATTRIBUTE.to_owned(), members.into_value());
        }
        item
    }

    fn told(&self) -> ImportedAccount {
        ImportedAccount {
            account_id: self.account.account_id.clone(),
            account_name: self.account.account_name.clone().unwrap_or_default(),
            staging_accounts: self.members.len(),
        }
    }

    /// What the row of the table has otherwise, in words.
    fn differs_from(&self, row: &Item) -> Option<String> {
        let item = self.to_item();
        let names = ["accountName", "roleArn", "externalId"];
        if let Some(name) = names.into_iter().find(|name| text(&item, name) != text(row, name)) {
            return Some(name.to_owned());
        }
        let members = StagingAccounts::ATTRIBUTE;
        let same = StagingAccounts::of(&item) == StagingAccounts::of(row);
        (!same).then(|| members.to_owned())
    }
}

/// The target accounts of a file, each valid and there once.
pub(super) fn accounts(
    entries: Vec<Entry>,
    external_id: Option<&ExternalId>,
    hub: Option<&str>,
) -> Result<Vec<Target>, ImportError> {
    let (members, targets): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.staging_of.is_some());
    let mut accounts: Vec<Target> = Vec::new();
    let mut places = BTreeMap::new();
    for mut target in targets {
        let members = target.staging_accounts.take().unwrap_or_default();
        let place = target.place.clone();
        let account = account(target, external_id, hub)?;
        if places.insert(account.account_id.clone(), accounts.len()).is_some() {
            let reason = format!("the account {} is there twice", account.account_id);
            return Err(FileError::at(&place, reason).into());
        }
        accounts.push(Target { account, members: Vec::new() });
        for member in members {
            add_member(&mut accounts, places.len() - 1, member, external_id, hub)?;
        }
    }
    for member in members {
        let target = member.staging_of.clone().unwrap_or_default();
        let Some(position) = places.get(&target) else {
            let reason =
                format!("the target account {target:?} of this staging account is not in the file");
            return Err(FileError::at(&member.place, reason).into());
        };
        add_member(&mut accounts, *position, member, external_id, hub)?;
    }
    Ok(accounts)
}

fn add_member(
    accounts: &mut [Target],
    position: usize,
    member: Entry,
    external_id: Option<&ExternalId>,
    hub: Option<&str>,
) -> Result<(), ImportError> {
    let (place, is_nested) = (member.place.clone(), member.staging_accounts.is_some());
    let member = account(member, external_id, hub)?;
    let target = &mut accounts[position];
    let ids: BTreeSet<&str> = target.members.iter().map(|it| it.account_id.as_str()).collect();
    let is_wrong = ids.contains(member.account_id.as_str())
        || member.account_id == target.account.account_id
        || is_nested;
    if is_wrong {
        let reason = format!(
            "expected each staging account once, another one than the target itself, without staging accounts of its own; found {}",
            member.account_id
        );
        return Err(FileError::at(&place, reason).into());
    }
    target.members.push(member);
    Ok(())
}

fn account(
    entry: Entry,
    external_id: Option<&ExternalId>,
    hub: Option<&str>,
) -> Result<NewAccount, ImportError> {
    let Entry { account_id, account_name, role_arn, has_external_id, place, .. } = entry;
    let takes_one = has_external_id.unwrap_or(role_arn.is_some());
    let external_id = entry.external_id.or_else(|| external_id.filter(|_| takes_one).cloned());
    if has_external_id == Some(true) && external_id.is_none() {
        let reason = format!(
            "the account {account_id} has an external id, and the file does not say which; give it by DRS_INVENTORY_EXTERNAL_ID or --external-id"
        );
        return Err(FileError::at(&place, reason).into());
    }
    let account = NewAccount { account_id, account_name, role_arn, external_id };
    match validate(&account, hub) {
        Ok(()) => Ok(account),
        Err(error) => Err(FileError::at(&place, error.to_string()).into()),
    }
}

/// Which of them are not in the table. One that is there otherwise is refused: an import changes nothing.
pub(super) async fn against_table(
    table: &TargetAccountsTable,
    accounts: Vec<Target>,
) -> Result<Planned, ImportError> {
    let rows = scan(table).await.map_err(AccountError::from)?;
    let rows: BTreeMap<&str, &Item> =
        rows.iter().map(|row| (text(row, "accountId"), row)).collect();
    let mut planned = Planned { new: Vec::new(), unchanged: Vec::new() };
    for target in accounts {
        let row = rows.get(target.account.account_id.as_str());
        match row.map(|row| target.differs_from(row)) {
            None => planned.new.push(target),
            Some(None) => planned.unchanged.push(target),
            Some(Some(differs)) => {
                let account_id = target.account.account_id;
                return Err(ImportError::Differs { account_id, differs });
            }
        }
    }
    Ok(planned)
}
