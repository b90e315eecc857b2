//! What is known of one account: how entering it went, and each of its regions.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt;
use model::Place;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry};
use store::tables::{LONGEST_KEY, Listing};
use store::{Item, QueryError, text};

use super::as_of::KNOWN;
use super::freshness::{Freshness, judge};
use super::not_known::{NotKnown, Why};
use super::whole::account_ids;
use super::{Picture, PictureTables};

use super::entries::none_where_there_is_no_ledger;

/// What is known of one account.
#[derive(Debug, Clone, Default)]
pub struct AccountStatus {
    /// Whether the accounts table has it.
    pub is_listed: bool,
    /// The account's own entry; none where no sync ever asked it.
    pub entry: Option<Item>,
    /// The entries of its regions, sorted, each with [`KNOWN`].
    pub places: Vec<Item>,
    /// What of it is not known.
    pub not_known: Vec<NotKnown>,
}

/// Everything that the ledger has of one account; none where neither it nor the accounts table knows
/// of the account.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn account_status(
    tables: &PictureTables,
    account_id: &str,
    freshness: &Freshness,
) -> Result<Option<AccountStatus>, QueryError> {
    // No entry has such a key; DynamoDB would refuse the question.
    if account_id.is_empty() || account_id.len() > LONGEST_KEY {
        return Ok(None);
    }
    let entries = Listing::of_partition(&tables.ledger, "accountId", account_id).every_item();
    let entries = entries.map(none_where_there_is_no_ledger);
    let (entries, listed) = futures::try_join!(entries, account_ids(&tables.accounts))?;
    let is_listed = listed.iter().any(|id| id == account_id);
    let (own, others): (Vec<Item>, Vec<Item>) =
        entries.into_iter().partition(|entry| text(entry, "region") == ACCOUNT_ENTRY);
    let entry = own.into_iter().next();
    let mut places: Vec<Item> =
        others.into_iter().filter(|entry| !text(entry, "region").starts_with('#')).collect();
    if !is_listed && entry.is_none() && places.is_empty() {
        return Ok(None);
    }
    places.sort_by_cached_key(|entry| text(entry, "region").to_owned());
    let account: Option<AccountEntry> =
        entry.clone().and_then(|entry| serde_dynamo::from_item(entry).ok());
    let mut picture = Picture::default();
    picture.add(of_account(account_id, account.as_ref()));
    picture.add(judge_places(account_id, &mut places, account.as_ref(), freshness));
    let not_known = picture.not_known;
    Ok(Some(AccountStatus { is_listed, entry, places, not_known }))
}

fn of_account(account_id: &str, account: Option<&AccountEntry>) -> Vec<NotKnown> {
    match account {
        None => vec![NotKnown::account(account_id, Why::NeverAsked)],
        Some(account) if account.failing_since.is_some() => vec![NotKnown::not_entered(account)],
        Some(_) => Vec::new(),
    }
}

fn judge_places(
    account_id: &str,
    places: &mut [Item],
    account: Option<&AccountEntry>,
    freshness: &Freshness,
) -> Vec<NotKnown> {
    let mut not_known = Vec::new();
    for item in places {
        let place = Place::new(account_id, text(item, "region"));
        let entry = serde_dynamo::from_item(item.clone()).ok();
        let judged = judge(&place, entry.as_ref(), account, freshness);
        item.insert(KNOWN.to_owned(), AttributeValue::Bool(judged.is_none()));
        not_known.extend(judged);
    }
    not_known
}
