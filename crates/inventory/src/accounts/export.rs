//! The accounts as a file that another installation takes in.

use aws_sdk_dynamodb::types::AttributeValue;
use csv::Writer;
use model::is_account_id;
use store::json::Json;
use store::rows::StagingAccounts;
use store::tables::TargetAccountsTable;
use store::{Item, scan, string, text};

use super::{AccountError, HAS_EXTERNAL_ID};
use crate::words::{cell, csv_cell};

const EXTERNAL_ID: &str = "externalId";
/// Of a line of CSV: the target account that the account is a staging account of.
const STAGING_OF: &str = "stagingOf";
const COLUMNS: [&str; 5] = ["accountId", "accountName", "roleArn", STAGING_OF, HAS_EXTERNAL_ID];

/// What an export says of external ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalIds {
    /// Only whether an account has one. Whoever takes the file in gives them anew.
    LeftOut,
    /// All of them: the file is a secret.
    Written,
}

/// Target accounts with their staging accounts: what an installation cannot read anew from AWS.
pub struct AccountsExport {
    targets: Vec<Item>,
    left_out: Vec<String>,
    external_ids: ExternalIds,
}

/// Every account of the table. Of each the attributes of the contract and no others.
///
/// # Errors
/// [`AccountError::Read`] names the table.
pub async fn export_accounts(
    table: &TargetAccountsTable,
    external_ids: ExternalIds,
) -> Result<AccountsExport, AccountError> {
    let mut rows = scan(table).await?;
    rows.sort_by_cached_key(|row| text(row, "accountId").to_owned());
    let mut export = AccountsExport { targets: Vec::new(), left_out: Vec::new(), external_ids };
    for row in &rows {
        export.add(row);
    }
    Ok(export)
}

impl AccountsExport {
    /// How many target accounts it has.
    pub fn targets(&self) -> usize {
        self.targets.len()
    }

    /// How many staging accounts it has.
    pub fn staging_accounts(&self) -> usize {
        self.targets.iter().map(|target| members(target).len()).sum()
    }

    /// What is in the table, is no account, and so is not in the export; each as a sentence.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// As `accounts import` reads it: one array of target accounts.
    pub fn to_json(&self) -> String {
        let rows: Vec<Json<'_>> = self.targets.iter().map(Json).collect();
        // What has string keys alone always serialises.
        serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
    }

    /// As `accounts import` reads it, too: one line an account, staging accounts after their target. A
    /// cell that a spreadsheet would run as a formula begins with `'`.
    ///
    /// # Errors
    /// None that is known of: it is made in memory.
    pub fn to_csv(&self) -> Result<String, csv::Error> {
        let mut columns = COLUMNS.to_vec();
        if self.external_ids == ExternalIds::Written {
            columns.push(EXTERNAL_ID);
        }
        let mut writer = Writer::from_writer(Vec::new());
        writer.write_record(&columns)?;
        let mut write = |row: &Item| {
            writer.write_record(columns.iter().map(|column| csv_cell(&cell(row, column))))
        };
        for target in &self.targets {
            write(target)?;
            for member in members(target) {
                let mut line = member.clone();
                line.insert(STAGING_OF.to_owned(), string(text(target, "accountId")));
                write(&line)?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn add(&mut self, row: &Item) {
        let id = text(row, "accountId");
        let Some(mut target) = self.account(row) else {
            self.left_out.push(format!("the row {id:?} is no account: its id is not 12 digits"));
            return;
        };
        let listed = match row.get(StagingAccounts::ATTRIBUTE) {
            None | Some(AttributeValue::Null(_)) => &[],
            Some(AttributeValue::L(listed)) => listed.as_slice(),
            Some(_) => {
                self.left_out.push(format!("the stagingAccounts of {id} is not a list"));
                &[]
            }
        };
        let there = listed.iter().filter(|member| !member.is_null());
        let read: Vec<_> = there.map(|member| self.account(member.as_m().ok()?)).collect();
        let wrong = read.iter().filter(|member| member.is_none()).count();
        if wrong > 0 {
            self.left_out.push(format!("{wrong} of the stagingAccounts of {id}: no account"));
        }
        let read = read.into_iter().flatten().map(AttributeValue::M).collect();
        target.insert(StagingAccounts::ATTRIBUTE.to_owned(), AttributeValue::L(read));
        self.targets.push(target);
    }

    /// None where it has no account's id.
    fn account(&self, row: &Item) -> Option<Item> {
        is_account_id(text(row, "accountId")).then_some(())?;
        let mut names = vec!["accountId", "accountName", "roleArn"];
        if self.external_ids == ExternalIds::Written {
            names.push(EXTERNAL_ID);
        }
        // Null, empty and what is no text count as absent in the sync, too.
        let there = names.into_iter().filter(|name| !text(row, name).is_empty());
        let mut account: Item =
            there.map(|name| (name.to_owned(), string(text(row, name)))).collect();
        let has = !text(row, EXTERNAL_ID).is_empty();
        account.insert(HAS_EXTERNAL_ID.to_owned(), AttributeValue::Bool(has));
        Some(account)
    }
}

fn members(target: &Item) -> Vec<&Item> {
    let listed = target.get(StagingAccounts::ATTRIBUTE).and_then(|listed| listed.as_l().ok());
    listed.into_iter().flatten().filter_map(|member| member.as_m().ok()).collect()
}
