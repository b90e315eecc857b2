//! A server by its id alone: the ARNs that it may have, of which the ledger knows the accounts and
//! regions, and those that are there.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::{StreamExt, TryStreamExt, stream};
use model::Place;
use model::readiness::ReasonCode;
use model::region::partition_of;
use store::tables::{
    AccountRegionStatusTable, KEYS_PER_BATCH, Listing, REGION_INDEX, TargetAccountsTable,
};
use store::{Item, QueryError, text};
use sync::accounts::collect_accounts_to_query;

use super::super::ServerTables;
use super::super::tables::Regions;
use super::super::troubled::{key, whole_rows};
use super::{rows_of, suffix};
use crate::picture::none_where_there_is_no_ledger;

/// Accounts and regions whose rows are asked for one by one.
const MOST_PLACES: usize = 5_000;
/// Questions that are asked at once.
const AT_ONCE: usize = 16;
/// Batches of keys that are read at once: one that finds the server makes the others vain.
const BATCHES_AT_ONCE: usize = 4;

/// Where a server with an id may be.
pub(super) struct Search<'a> {
    tables: &'a ServerTables,
    id: &'a str,
    regions: Regions,
    /// Each account, and those that may hold the disks of its servers.
    stagings: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Search<'a> {
    /// Everywhere that servers are known.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn of(tables: &'a ServerTables, id: &'a str) -> Result<Self, QueryError> {
        let (rows, stagings) = futures::try_join!(
            Box::pin(tables.read_regions()),
            Box::pin(read_stagings(&tables.picture.accounts)),
        )?;
        Ok(Self { tables, id, regions: tables.regions_of(&rows), stagings })
    }

    /// The ARNs of rows whose staging account is the account itself, or one that the accounts table
    /// names for it.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn by_key(&self) -> Result<BTreeSet<String>, QueryError> {
        let mut knows_servers = false;
        for regions in [&self.regions.with_servers, &self.regions.others] {
            let places = places_with_servers(&self.tables.picture.ledger, regions).await?;
            knows_servers |= !places.is_empty();
            let arns = self.there(places).await?;
            if !arns.is_empty() {
                return Ok(arns);
            }
        }
        if knows_servers {
            return Ok(BTreeSet::new());
        }
        let places = self.of_accounts();
        let places = if places.len() > MOST_PLACES { Vec::new() } else { places };
        self.there(places).await
    }

    /// The ARNs of rows of any staging account; none where there are too many places to ask.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn by_arn(&self) -> Result<Option<BTreeSet<String>>, QueryError> {
        let all = self.regions.all();
        let mut places = places_with_servers(&self.tables.picture.ledger, &all).await?;
        if places.is_empty() {
            places = self.of_accounts();
        }
        if places.len() > MOST_PLACES {
            return Ok(None);
        }
        let arns: Vec<String> = places.iter().map(|place| self.arn(place)).collect();
        let read = stream::iter(arns).map(|arn| rows_of_arn(self.tables, arn));
        let read: Vec<Option<String>> = read.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(Some(read.into_iter().flatten().collect()))
    }

    async fn there(&self, places: Vec<Place>) -> Result<BTreeSet<String>, QueryError> {
        let keys = places.iter().flat_map(|place| {
            let arn = self.arn(place);
            let own = BTreeSet::from([place.account_id.clone()]);
            let others = self.stagings.get(&place.account_id).into_iter().flatten().cloned();
            let stagings: BTreeSet<String> = own.into_iter().chain(others).collect();
            stagings.into_iter().map(move |staging| key(&arn, &staging))
        });
        let keys: Vec<Item> = keys.collect();
        let batches: Vec<Vec<Item>> = keys.chunks(KEYS_PER_BATCH).map(<[Item]>::to_vec).collect();
        let read = stream::iter(batches).map(|batch| whole_rows(&self.tables.inventory, batch));
        let mut read = read.buffered(BATCHES_AT_ONCE);
        // DRS gives an id once.
        while let Some(rows) = read.try_next().await? {
            if !rows.is_empty() {
                let arns = rows.iter().map(|row| text(row, "sourceServerArn").to_owned());
                return Ok(arns.collect());
            }
        }
        Ok(BTreeSet::new())
    }

    /// Every account in every region: where the legacy sync works, nothing else is known.
    fn of_accounts(&self) -> Vec<Place> {
        let regions = self.regions.all();
        let accounts = self.stagings.keys();
        let places =
            accounts.flat_map(|account| regions.iter().map(|region| Place::new(account, region)));
        places.collect()
    }

    fn arn(&self, place: &Place) -> String {
        let Place { account_id, region } = place;
        let (partition, suffix) = (partition_of(region), suffix(self.id));
        format!("arn:{partition}:drs:{region}:{account_id}{suffix}")
    }
}

async fn rows_of_arn(tables: &ServerTables, arn: String) -> Result<Option<String>, QueryError> {
    let rows = rows_of(&tables.inventory, &arn).await?;
    Ok((!rows.is_empty()).then_some(arn))
}

/// The accounts of these regions that have servers there, or rows of servers that DRS no longer lists.
async fn places_with_servers(
    ledger: &AccountRegionStatusTable,
    regions: &[String],
) -> Result<Vec<Place>, QueryError> {
    const HAS_SERVERS: &str = "serverCount > :none OR attribute_exists(#counts.#reasons.#missing)";
    let names = [
        ("#counts", "counts"),
        ("#reasons", "reasons"),
        ("#missing", ReasonCode::NoLongerListed.name()),
    ];
    let none = [(":none", AttributeValue::N("0".to_owned()))];
    let listings = regions.iter().map(|region| {
        Listing::of_index(ledger, REGION_INDEX, "region", region).only(HAS_SERVERS, &names, &none)
    });
    let listings: Vec<Listing> = listings.collect();
    let read = stream::iter(listings).map(Listing::every_item).buffer_unordered(AT_ONCE);
    let read = none_where_there_is_no_ledger(read.try_collect().await)?;
    let read: Vec<Vec<Item>> = read;
    let place = |it: &Item| Place::new(text(it, "accountId"), text(it, "region"));
    Ok(read.iter().flatten().map(place).collect())
}

/// Each account of the accounts table, and its staging accounts.
async fn read_stagings(
    table: &TargetAccountsTable,
) -> Result<BTreeMap<String, BTreeSet<String>>, QueryError> {
    let collected = collect_accounts_to_query(table).await;
    let (targets, members) = collected
        .map_err(|error| QueryError { table: error.table.clone(), source: error.source })?;
    let mut stagings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for target in targets {
        stagings.entry(target.account_id).or_default();
    }
    for member in members {
        stagings.entry(member.account_id.clone()).or_default();
        stagings.entry(member.target_account_id).or_default().insert(member.account_id);
    }
    // Without an id there is no key.
    stagings.remove("");
    stagings.values_mut().for_each(|members| _ = members.remove(""));
    Ok(stagings)
}
