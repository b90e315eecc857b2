//! Step 5: the rows, into the inventory table.

use model::Failure;
use model::readiness::Policy;
use store::rows::{InventoryRow, RowKey};
use store::tables::SourceServerInventoryTable;

use super::batches::{Batches, Unstored, unusable};
use super::duplicates::merge_duplicates;
use super::listed_row::ListedRow;
use super::pace::Pace;
use super::verdict_change::VerdictChange;

pub use super::batches::ITEMS_PER_BATCH;

/// What became of the rows. `written + unchanged + failed.len() + merged` is the number given.
#[derive(Debug, Default)]
pub struct WriteOutcome {
    /// Rows that are in the table.
    pub written: usize,
    /// Rows that are not, by name.
    pub failed: Vec<RowFailure>,
    /// Rows that gave way to another one with the same key.
    pub merged: usize,
    /// Rows that say what stands in the table already, and were not sent.
    pub unchanged: usize,
    /// Servers whose verdict changed, and is stored.
    pub verdict_changes: Vec<VerdictChange>,
}

impl WriteOutcome {
    /// What became of these rows and of others.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.written += other.written;
        self.unchanged += other.unchanged;
        self.merged += other.merged;
        self.failed.extend(other.failed);
        self.verdict_changes.extend(other.verdict_changes);
        self
    }
}

/// A row that could not be stored. What the table held under its key before is still there.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFailure {
    /// The row's key. Its ARN is empty where DRS gives the server none.
    pub key: RowKey,
    /// The server's id in DRS, empty where DRS gives none.
    pub source_server_id: String,
    /// The account that listed the server.
    pub account_id: String,
    /// The region that listed the server.
    pub region: String,
    /// Why.
    pub failure: Failure,
    /// Whether the row itself is the reason: the table refuses it, or it has no key. Else the table,
    /// or the time, is the reason, and the next sync may store it.
    pub refused: bool,
    /// What the row was judged, and by what.
    pub(crate) judged: Box<Judged>,
}

/// What of a row is counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// The row without what is not counted.
    pub(crate) row: InventoryRow,
    /// What it was judged by.
    pub(crate) policy: Policy,
}

impl Judged {
    pub(crate) fn of(listed: &ListedRow) -> Self {
        let InventoryRow { lag_duration, drs, readiness, .. } = listed.row.clone();
        let row = InventoryRow { lag_duration, drs, readiness, ..InventoryRow::default() };
        Self { row, policy: listed.policy }
    }
}

impl RowFailure {
    fn of(row: ListedRow, failure: Failure, refused: bool) -> Self {
        let judged = Box::new(Judged::of(&row));
        let key = row.key();
        let ListedRow { row, account_id, region, .. } = row;
        let source_server_id = row.source_server_id;
        Self { key, source_server_id, account_id, region, failure, refused, judged }
    }

    /// What a person finds the server by: its key; without an ARN its id.
    pub fn name(&self) -> String {
        let RowKey { source_server_arn, staging_account_id } = &self.key;
        match (source_server_arn.as_str(), self.source_server_id.as_str()) {
            ("", "") => "(a server without an id)".to_owned(),
            ("", id) => id.to_owned(),
            (arn, _) => format!("{arn} {staging_account_id}"),
        }
    }
}

/// Writes `rows` in batches of 25, as many batches at once and as long as `pace` says, and counts
/// what was stored.
///
/// Rows with the same key are merged first. What DynamoDB throttles or leaves unprocessed is sent
/// again with backoff, until a limit; a row that it refuses costs itself and no other. A batch on
/// its way when the time ends is reported as not stored, though it may be.
pub async fn write_inventory_to_dynamodb(
    table: &SourceServerInventoryTable,
    rows: Vec<ListedRow>,
    pace: &Pace,
) -> WriteOutcome {
    let given = rows.len();
    let rows = merge_duplicates(rows);
    let merged = given - rows.len();
    let (kept_back, rows): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.kept_back.is_some());
    let mut failed: Vec<RowFailure> = kept_back.into_iter().filter_map(kept_back_failure).collect();

    let sendable = rows.len();
    let batches = Batches {
        table,
        key: ("sourceServerArn", "stagingAccountId"),
        key_of: |row: &ListedRow| (&row.row.source_server_arn, &row.row.staging_account_id),
        item_of: |row: &ListedRow| row.row.to_item().map_err(|error| unusable(&error)),
    };
    let unstored = batches.write(rows, pace).await;
    let written = sendable - unstored.len();
    failed.extend(unstored.into_iter().map(unstored_failure));
    log_failures(&failed);
    WriteOutcome { written, failed, merged, ..WriteOutcome::default() }
}

fn kept_back_failure(row: ListedRow) -> Option<RowFailure> {
    let failure = row.kept_back.clone()?;
    // A row without a key has none next time, too; one whose earlier row could not be read may.
    let refused = !row.can_have_duplicates();
    Some(RowFailure::of(row, failure, refused))
}

fn unstored_failure(Unstored { given, mut failure, refused }: Unstored<ListedRow>) -> RowFailure {
    if refused {
        failure.advice = "the row is refused as it is: look at the server's ARN, and at the size \
                          of its tags (a row holds 400 KB)"
            .to_owned();
    }
    RowFailure::of(given, failure, refused)
}

/// What became of rows of which none could be sent. One without a key could not have been.
pub(crate) fn none_written(rows: Vec<ListedRow>, failure: &Failure) -> WriteOutcome {
    let failed = rows.into_iter().map(|row| match row.can_have_duplicates() {
        true => RowFailure::of(row, failure.clone(), false),
        false => {
            let failure = row.kept_back.clone().unwrap_or_else(|| failure.clone());
            RowFailure::of(row, failure, true)
        }
    });
    let failed: Vec<RowFailure> = failed.collect();
    log_failures(&failed);
    WriteOutcome { failed, ..WriteOutcome::default() }
}

fn log_failures(failed: &[RowFailure]) {
    for row in failed {
        let RowFailure { account_id, region, failure, .. } = row;
        let (code, cause) = (&failure.code, &failure.message);
        tracing::warn!(
            row = row.name(),
            account = account_id,
            region,
            code,
            cause,
            "row not stored"
        );
    }
}
