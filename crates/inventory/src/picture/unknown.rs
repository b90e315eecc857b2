//! The places whose servers are not known, so that a list of these alone reads no row of another.

use std::collections::BTreeSet;

use futures::FutureExt;
use model::Place;
use store::rows::ledger::PlaceEntry;
use store::tables::AccountRegionStatusTable;
use store::{Item, QueryError, text};
use sync::ledger::known_accounts;
use sync::roll_up::RegionRow;

use super::entries::{entries_of_regions, none_where_there_is_no_ledger};
use super::not_known::Why;
use super::whole::account_ids;
use super::{Picture, PictureTables};

/// Accounts and places of whose servers nothing is known now, sorted: `ACCOUNT`, where it is the whole
/// account, and `ACCOUNT/REGION`. None where it may be any server of the installation.
///
/// # Errors
/// [`QueryError`] names the table.
pub(crate) async fn places_not_known(
    tables: &PictureTables,
    picture: &Picture,
    regions: &[Item],
) -> Result<Option<BTreeSet<String>>, QueryError> {
    let mut names = BTreeSet::new();
    for it in &picture.not_known {
        match (&it.account_id, &it.region, it.why) {
            (None, _, Why::NoSync | Why::Stale | Why::CutShort) => return Ok(None),
            (Some(account), None, _) => _ = names.insert(account.clone()),
            (Some(account), Some(region), _) => {
                names.insert(Place::new(account, region).to_string());
            }
            (None, ..) => {}
        }
    }
    // More accounts than the picture names may be closed.
    if picture.is_cut {
        return Ok(None);
    }
    let (unread, left) = futures::try_join!(
        Box::pin(unread_places(&tables.ledger, regions)),
        Box::pin(accounts_that_left(tables)),
    )?;
    names.extend(unread);
    names.extend(left);
    let of_whole =
        |name: &String| Place::parse(name).is_some_and(|place| names.contains(&place.account_id));
    Ok(Some(names.iter().filter(|name| !of_whole(name)).cloned().collect()))
}

/// The places of these regions with servers that were not judged when they were last read: those that
/// failed, and those of whose rows some could not be stored.
async fn unread_places(
    ledger: &AccountRegionStatusTable,
    regions: &[Item],
) -> Result<Vec<String>, QueryError> {
    let rows = regions.iter().filter_map(|row| serde_dynamo::from_item(row.clone()).ok());
    let with_unknown = rows.filter(|row: &RegionRow| row.counts.unknown() > 0);
    let names: Vec<String> = with_unknown.map(|row| row.region).collect();
    let read = entries_of_regions(ledger, names).await?;
    let entries = read.into_iter().filter_map(|it| serde_dynamo::from_item(it).ok());
    let unread = entries.filter(|entry: &PlaceEntry| {
        let held = entry.server_count.saturating_sub(entry.counts.not_held);
        held > entry.counts.judged()
    });
    Ok(unread.map(|entry| Place::new(&entry.account_id, &entry.region).to_string()).collect())
}

/// No sync asks these any more, so that what is stored of them grows old.
async fn accounts_that_left(tables: &PictureTables) -> Result<Vec<String>, QueryError> {
    let known = known_accounts(&tables.ledger).every_item().map(none_where_there_is_no_ledger);
    let (known, listed) =
        futures::try_join!(Box::pin(known), Box::pin(account_ids(&tables.accounts)))?;
    let listed: BTreeSet<String> = listed.into_iter().collect();
    let known = known.iter().map(|entry| text(entry, "accountId").to_owned());
    Ok(known.filter(|id| !listed.contains(id)).collect())
}
