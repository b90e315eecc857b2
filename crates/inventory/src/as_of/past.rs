//! All servers at a moment of the past.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use model::Place;
use store::tables::InventoryChangesTable;
use store::{Item, QueryError, string, text};
use sync::time::{age, iso};

use super::error::AsOfError;
use super::history::{Presence, Since, read_since};
use super::places::{Entries, Moment, PlaceThen};
use super::rows::{keep_needed, read_rows};
use super::server::{ServerThen, sorted};
use super::summaries::Around;
use super::{AsOfTables, Fleet};
use crate::picture::{Freshness, NotKnown, Picture, Why};

/// Rows of removed servers that are read at once.
const ROWS_AT_ONCE: usize = 16;
/// What the history does not tell exactly: it is left out where the row was written since.
const INEXACT: [&str; 2] = ["lagDuration", "drill"];

/// All servers at `time`, before now.
pub(super) async fn fleet_then(
    tables: &AsOfTables,
    time: Timestamp,
    freshness: &Freshness,
) -> Result<Fleet, AsOfError> {
    let around = Around::read(&tables.changes, time).await?;
    // In this order: what happens meanwhile is taken back, whether the rows had it or not.
    let rows = read_rows(&tables.inventory).await?;
    let since = read_since(&tables.changes, time, freshness.now).await?;
    let removed = read_removed(&tables.changes, &since).await?;
    let rows = rows_then(rows, removed, &since, time);
    let places: BTreeSet<Place> =
        rows.iter().filter_map(|row| Place::parse(text(row, "listedIn"))).collect();
    let entries = Entries::read(&tables.picture.ledger, &places).await?;
    let then = Freshness { now: time, ..*freshness };
    let moment = Moment { freshness: &then, since: &since, last: &around.last };
    let places: BTreeMap<Place, PlaceThen> = places
        .into_iter()
        .map(|place| {
            let known = entries.then(&place, &moment);
            (place, known)
        })
        .collect();
    let servers: Vec<ServerThen> = rows.iter().map(|row| server_then(row, &places)).collect();
    Ok(Fleet {
        at: time,
        not_known: not_known(&servers, &around),
        servers: sorted(servers),
        is_cut: around.last.is_cut(),
        gap: around.gap(time, freshness.stale_after),
        last_sync: Some(iso(around.last.started)),
    })
}

/// The rows that servers left the inventory with, by ARN.
async fn read_removed(
    table: &InventoryChangesTable,
    since: &Since,
) -> Result<HashMap<String, Item>, QueryError> {
    let keys = since.servers.iter().filter_map(|(arn, undo)| match &undo.presence {
        Presence::Removed(at) => Some((arn.clone(), at.clone())),
        Presence::There | Presence::Absent => None,
    });
    let reads = stream::iter(keys).map(|(arn, at)| async move {
        let key = [("subject".to_owned(), string(&arn)), ("at".to_owned(), string(&at))];
        let get = table.client.get_item().table_name(&table.name);
        let read = get.set_key(Some(key.into())).send().await.map_err(|error| QueryError {
            table: table.name.clone(),
            source: aws::service_error(&error),
        })?;
        let row = read.item.and_then(|mut entry| entry.remove("row"));
        let mut row = match row {
            Some(AttributeValue::M(row)) => row,
            // Its key is all that is left of it.
            _ => Item::from([("sourceServerArn".to_owned(), string(&arn))]),
        };
        keep_needed(&mut row);
        Ok((arn, row))
    });
    reads.buffer_unordered(ROWS_AT_ONCE).try_collect().await
}

/// The rows as they were, as far as the history tells.
fn rows_then(
    rows: Vec<Item>,
    mut removed: HashMap<String, Item>,
    since: &Since,
    time: Timestamp,
) -> Vec<Item> {
    let mut then = Vec::with_capacity(rows.len());
    let still_there = rows.into_iter().filter_map(|row| {
        let arn = text(&row, "sourceServerArn").to_owned();
        removed.remove(&arn).or(Some(row))
    });
    let still_there: Vec<Item> = still_there.collect();
    for mut row in still_there.into_iter().chain(removed.into_values()) {
        let undo = since.servers.get(text(&row, "sourceServerArn"));
        let first_seen = since.first_seen.get(text(&row, "listedIn"));
        let came_with_its_place = first_seen
            .is_some_and(|seen| undo.is_none_or(|undo| undo.first_at.as_str() > seen.as_str()));
        if came_with_its_place || undo.is_some_and(|undo| undo.presence == Presence::Absent) {
            continue;
        }
        let was_written = age(Some(text(&row, "lastUpdated")), time);
        if was_written.is_none_or(|age| age.is_negative()) {
            INEXACT.iter().for_each(|name| drop(row.remove(*name)));
        }
        undo.into_iter().for_each(|undo| undo.apply(&mut row));
        then.push(row);
    }
    then
}

fn server_then(row: &Item, places: &BTreeMap<Place, PlaceThen>) -> ServerThen {
    let place = Place::parse(text(row, "listedIn")).and_then(|place| places.get(&place));
    let Some(place) = place else {
        return ServerThen::of(row, text(row, "lastUpdated"), Some(Why::NoPlace));
    };
    let arn = text(row, "sourceServerArn");
    let is_stored = !place.not_stored.iter().any(|other| other == arn);
    let unknown = place.unknown.or((!is_stored).then_some(Why::NotStored));
    ServerThen::of(row, place.as_of.as_deref().unwrap_or_default(), unknown)
}

/// What was not known by name: the places of servers, and what the last whole sync could not read.
fn not_known(servers: &[ServerThen], around: &Around) -> Vec<NotKnown> {
    let mut places: BTreeMap<(String, Why), NotKnown> = BTreeMap::new();
    for server in servers {
        let Some(why) = server.why_unknown else { continue };
        let known = places
            .entry((server.listed_in.clone(), why))
            .or_insert_with(|| NotKnown { servers: 0, ..named(&server.listed_in, why) });
        known.servers += 1;
        known.last_success = Some(server.as_of.clone());
    }
    let mut picture = Picture::default();
    picture.add(places.into_values().collect());
    let names = around.last.summary.not_known_places.iter();
    picture.add(names.map(|name| named(name, Why::NotRead)).collect());
    picture.not_known
}

fn named(name: &str, why: Why) -> NotKnown {
    let account = name.split('/').next().unwrap_or_default();
    let place = Place::parse(name);
    let whole = NotKnown::account(account, why);
    match place {
        Some(place) => NotKnown { region: Some(place.region), ..whole },
        None if account.is_empty() => NotKnown { account_id: None, ..whole },
        None => whole,
    }
}
