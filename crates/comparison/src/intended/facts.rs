//! What a world has in it that explains a difference.

use std::collections::{HashMap, HashSet};

use legacy;
use model::region::REFACTORED_REGIONS;
use serde_json::{Map, Value};
use sim::world::Fault;

use super::Context;
use crate::Difference;
use crate::differences::Place;

/// A page of a scan. Source: DynamoDB API reference.
const PAGE_BYTES: usize = 1_000_000;
/// Where a server says what its row, or the row's place in an index, is found by.
const KEYS: [&str; 2] = ["/sourceCloudProperties/originAccountID", "/stagingArea/stagingAccountID"];
const ORIGIN_REGION: &str = "/sourceCloudProperties/originRegion";

pub(super) struct Facts<'a> {
    context: Context<'a>,
    /// Every server that DRS lists anywhere, by ARN.
    servers: HashMap<&'a str, Vec<&'a Value>>,
    /// Every listing of an account, staging accounts included.
    listings: Vec<&'a Map<String, Value>>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(context: &Context<'a>) -> Self {
        let mut servers: HashMap<&str, Vec<&Value>> = HashMap::new();
        for account in context.world.accounts.values() {
            for server in account.drs.values().flat_map(|region| &region.source_servers) {
                let arn = server["arn"].as_str().unwrap_or_default();
                servers.entry(arn).or_default().push(server);
            }
        }
        let members = |target: &'a Map<String, Value>| {
            let list = target.get("stagingAccounts").and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_object)
        };
        let targets = context.world.target_accounts.iter();
        let listings =
            targets.flat_map(|target| std::iter::once(target).chain(members(target))).collect();
        Self { context: *context, servers, listings }
    }

    /// The documents of the server that a row's key names.
    fn documents(&self, key: &str) -> &[&'a Value] {
        let arn = key.split(' ').next().unwrap_or_default();
        self.servers.get(arn).map_or(&[], Vec::as_slice)
    }

    fn ids(&self) -> HashSet<&str> {
        self.listings.iter().filter_map(|listing| listing.get("accountId")?.as_str()).collect()
    }

    pub(super) fn several_accounts(&self) -> bool {
        self.ids().len() > 1
    }

    pub(super) fn is_of_newer_region(&self, d: &Difference) -> bool {
        let region = match d.place {
            Place::Region => d.key.as_str(),
            _ => d
                .refactored
                .as_ref()
                .and_then(|row| row["replicationRegion"].as_str())
                .unwrap_or(""),
        };
        d.legacy.is_none()
            && REFACTORED_REGIONS.contains(&region)
            && !legacy::REGIONS.contains(&region)
    }

    fn legacy_failed(&self) -> bool {
        self.context.legacy.response["statusCode"] == 500
    }

    /// Where the legacy sync failed there are rows and a response on one side only.
    fn is_due_to_failure(&self, d: &Difference) -> bool {
        let sides = ["statusCode", "error", "message", "timestamp", "totalSynced", "totalErrors"];
        self.legacy_failed()
            && match d.place {
                Place::Response => sides.contains(&d.attribute.as_str()),
                Place::Row | Place::Region => d.legacy.is_none() && d.attribute.is_empty(),
                Place::Calls => false,
            }
    }

    pub(super) fn is_due_to_null(&self, d: &Difference) -> bool {
        let null = |name: &str, listing: &Map<String, Value>| {
            listing.get(name).is_some_and(Value::is_null)
        };
        if self.listings.iter().any(|listing| null("stagingAccounts", listing)) {
            return self.is_due_to_failure(d);
        }
        let origin = self.origin_account(d);
        super::is_metadata(d)
            && d.legacy.is_none()
            && self.listings.iter().any(|listing| {
                listing.get("accountId").and_then(Value::as_str) == origin
                    && (null("externalId", listing) || null("roleArn", listing))
            })
    }

    fn origin_account(&self, d: &Difference) -> Option<&str> {
        self.context.refactored.rows.get(&d.key)?["sourceAccountId"].as_str()
    }

    fn interfaces(server: &Value) -> &[Value] {
        let list = server.pointer("/sourceProperties/networkInterfaces").and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    fn first_is_empty(server: &Value) -> bool {
        let first = Self::interfaces(server).first();
        first.is_some_and(|interface| interface["ips"].as_array().is_some_and(Vec::is_empty))
    }

    pub(super) fn has_several_interfaces(&self, key: &str) -> bool {
        self.documents(key).iter().any(|server| Self::interfaces(server).len() > 1)
    }

    pub(super) fn has_empty_addresses(&self, key: &str) -> bool {
        self.documents(key).iter().any(|server| Self::first_is_empty(server))
    }

    pub(super) fn some_server_has_empty_addresses(&self) -> bool {
        self.servers.values().flatten().any(|server| Self::first_is_empty(server))
    }

    /// Whether the first address of the first interface is an empty text.
    pub(super) fn has_empty_address(&self, key: &str) -> bool {
        let empty = |server: &&Value| {
            let first = Self::interfaces(server).first();
            first.is_some_and(|interface| interface["ips"][0].as_str() == Some(""))
        };
        self.documents(key).iter().any(empty)
    }

    pub(super) fn is_due_to_empty_place(&self, d: &Difference) -> bool {
        let of_the_row = d.place == Place::Row
            && self.documents(&d.key).iter().any(|server| {
                has_empty(server, ORIGIN_REGION) || KEYS.iter().any(|key| has_empty(server, key))
            });
        let of_others = || {
            let mut all = self.servers.values().flatten();
            all.any(|server| KEYS.iter().any(|key| has_empty(server, key)))
        };
        of_the_row || (self.is_due_to_lost_batch(d) && of_others())
    }

    /// The legacy sync lost a batch in the middle, for an error, or the last one, and failed.
    fn is_due_to_lost_batch(&self, d: &Difference) -> bool {
        match (d.place, d.attribute.as_str()) {
            _ if self.is_due_to_failure(d) => true,
            (Place::Row, "") => d.legacy.is_none(),
            (Place::Response, "totalErrors") => {
                d.refactored.as_ref().and_then(Value::as_u64)
                    < d.legacy.as_ref().and_then(Value::as_u64)
            }
            _ => false,
        }
    }

    pub(super) fn runs_in_staging_account(&self, d: &Difference) -> bool {
        let Some(origin) = self.origin_account(d) else { return false };
        let targets = &self.context.world.target_accounts;
        let is_target =
            targets.iter().any(|t| t.get("accountId").and_then(Value::as_str) == Some(origin));
        !is_target && self.ids().contains(origin)
    }

    pub(super) fn is_due_to_duplicates(&self, d: &Difference) -> bool {
        let listed_twice = self.servers.values().any(|documents| documents.len() > 1);
        match (d.place, d.attribute.as_str()) {
            _ if !listed_twice => false,
            _ if self.is_due_to_lost_batch(d) => true,
            (Place::Row, attribute) => !attribute.is_empty() && self.documents(&d.key).len() > 1,
            (Place::Region, "serverCount") => !self.several_accounts(),
            _ => false,
        }
    }

    pub(super) fn is_due_to_bad_row(&self, d: &Difference) -> bool {
        self.servers.contains_key("") && self.is_due_to_lost_batch(d)
    }

    pub(super) fn is_due_to_missing_role(&self, d: &Difference) -> bool {
        let hub = self.context.world.hub_account_id.as_str();
        let has_role = |listing: &Map<String, Value>| {
            listing.get("roleArn").and_then(Value::as_str).is_some_and(|arn| !arn.is_empty())
        };
        let missing = self.listings.iter().any(|listing| {
            listing.get("accountId").and_then(Value::as_str) != Some(hub) && !has_role(listing)
        });
        let only_legacy = d.attribute.is_empty() && d.refactored.is_none();
        missing && only_legacy && matches!(d.place, Place::Row | Place::Region)
    }

    pub(super) fn accounts_fill_a_page(&self) -> bool {
        let size = |target: &Map<String, Value>| Value::Object(target.clone()).to_string().len();
        self.context.world.target_accounts.iter().map(size).sum::<usize>() > PAGE_BYTES
    }

    pub(super) fn counts_what_is_stored(&self, d: &Difference) -> bool {
        let stored = self.context.refactored.rows.len() as u64;
        d.refactored.as_ref().and_then(Value::as_u64) == Some(stored)
    }

    pub(super) fn counts_what_is_reported(&self, d: &Difference) -> bool {
        let failed = &self.context.refactored.response["body"]["details"]["failed"];
        let reported = failed.as_array().map_or(0, |failed| failed.len() as u64);
        reported > 0 && d.refactored.as_ref().and_then(Value::as_u64) == Some(reported)
    }

    /// Whether some call of that service is answered with what a retry can help.
    pub(super) fn is_due_to_retries(&self, d: &Difference) -> bool {
        let accounts = || self.context.world.accounts.values();
        let mut faults: Vec<Option<&Fault>> = Vec::new();
        match d.attribute.split(':').next() {
            Some("drs") => faults.extend(
                accounts().flat_map(|account| account.drs.values()).map(|drs| drs.fault.as_ref()),
            ),
            Some("ec2") => faults.extend(
                accounts().flat_map(|account| account.ec2.values()).map(|ec2| ec2.fault.as_ref()),
            ),
            _ => {}
        }
        d.place == Place::Calls && faults.into_iter().flatten().any(can_be_retried)
    }

    pub(super) fn is_due_to_more_questions(&self, d: &Difference) -> bool {
        let newer = REFACTORED_REGIONS.len() - legacy::REGIONS.len();
        let asked = |calls: &Option<Value>| calls.as_ref().and_then(Value::as_u64).unwrap_or(0);
        let more = asked(&d.refactored).saturating_sub(asked(&d.legacy));
        let of_newer_regions = super::is_drs(d) && more <= (newer * self.ids().len()) as u64;
        d.place == Place::Calls
            && (of_newer_regions
                || self.legacy_failed()
                || self.accounts_fill_a_page()
                || (!super::is_drs(d) && self.legacy_missed_metadata()))
    }

    /// Of every origin, an account and a region of EC2, the regions of DRS that list its servers,
    /// but one.
    pub(super) fn further_regions_of_origins(&self) -> u64 {
        let mut listed: HashMap<(&str, &str, &str), HashSet<&str>> = HashMap::new();
        for (id, account) in &self.context.world.accounts {
            for (region, drs) in &account.drs {
                for server in &drs.source_servers {
                    let origin = &server["sourceCloudProperties"];
                    let account = origin["originAccountID"].as_str().unwrap_or(id.as_str());
                    let place = origin["originRegion"].as_str().unwrap_or(region.as_str());
                    listed
                        .entry((id.as_str(), account, place))
                        .or_default()
                        .insert(region.as_str());
                }
            }
        }
        listed.values().map(|regions| regions.len() as u64 - 1).sum()
    }

    /// Whether the legacy sync has no row of a server, or one without its network.
    fn legacy_missed_metadata(&self) -> bool {
        let has_network = |row: &Value| row.get("networkConfig").is_some();
        let legacy = &self.context.legacy.rows;
        let missed = |(key, row): (&String, &Value)| {
            legacy.get(key).is_none_or(|legacy| has_network(row) && !has_network(legacy))
        };
        self.context.refactored.rows.iter().any(missed)
    }
}

fn has_empty(server: &Value, pointer: &str) -> bool {
    server.pointer(pointer).and_then(Value::as_str) == Some("")
}

fn can_be_retried(fault: &Fault) -> bool {
    let throttles = |code: &String| code.contains("Thrott");
    fault.connection.is_some()
        || fault.status.is_some_and(|status| status >= 429)
        || fault.code.as_ref().is_some_and(throttles)
}
