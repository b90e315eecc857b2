//! Adding the accounts of a file, a hundred in one transaction.

use aws::{ServiceError, service_error};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use store::tables::TargetAccountsTable;

use super::ImportError;
use super::plan::Target;
use crate::accounts::AccountError;

/// Writes of one transaction. Source: DynamoDB API reference, `TransactWriteItems`.
const TRANSACTION: usize = 100;

pub(super) async fn add(
    table: &TargetAccountsTable,
    targets: &[Target],
) -> Result<(), ImportError> {
    let mut added = 0;
    for some in targets.chunks(TRANSACTION) {
        if let Err(source) = add_together(table, some).await {
            return Err(match added {
                0 => source.into(),
                added => ImportError::InPart { added, of: targets.len(), source },
            });
        }
        added += some.len();
    }
    Ok(())
}

async fn add_together(table: &TargetAccountsTable, targets: &[Target]) -> Result<(), AccountError> {
    let failed = |source| AccountError::Service { table: table.name.clone(), source };
    let mut transaction = table.client.transact_write_items();
    for target in targets {
        let put = Put::builder()
            .table_name(&table.name)
            .set_item(Some(target.to_item()))
            .condition_expression("attribute_not_exists(accountId)")
            .build()
            .map_err(|error| {
                failed(ServiceError::Unusable { code: "InvalidRow", message: error.to_string() })
            })?;
        transaction = transaction.transact_items(TransactWriteItem::builder().put(put).build());
    }
    let sent = transaction.send().await.map_err(|error| service_error(&error));
    sent.map(drop).map_err(|error| match error.code() {
        // Somebody added one of them since the table was read.
        "TransactionCanceledException" => AccountError::Contended(
            targets
                .iter()
                .map(|target| target.account.account_id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        ),
        _ => failed(error),
    })
}
