//! The differences that are meant: where the refactored sync does otherwise on purpose.
//!
//! A difference that no entry explains is a fault of one of the two. An entry that no world shows
//! is out of date. Both fail the suite.

mod facts;
mod further;

use serde_json::{Value, json};
use sim::World;

use crate::differences::{NEXT_SYNC, Place};
use crate::side::ROWS_WRITTEN;
use crate::{Difference, Judged, Side};
use facts::Facts;
use further::FURTHER_ATTRIBUTES;

/// A difference that is meant.
pub struct Intended {
    /// Its name.
    pub id: &'static str,
    /// What the refactored sync does otherwise.
    pub rule: &'static str,
    /// Why.
    pub why: &'static str,
    /// What an operator sees of it.
    pub seen: &'static str,
    explains: fn(&Difference, &Facts<'_>) -> bool,
}

/// Both sides and the world they ran on.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The world.
    pub world: &'a World,
    /// What the legacy sync did.
    pub legacy: &'a Side,
    /// What the refactored one did.
    pub refactored: &'a Side,
}

/// Each difference with the id of the first entry that explains it.
pub fn judge(differences: Vec<Difference>, context: &Context<'_>) -> Vec<Judged> {
    let facts = Facts::of(context);
    let explain = |d: &Difference| INTENDED.iter().find(|entry| (entry.explains)(d, &facts));
    differences
        .into_iter()
        .map(|difference| Judged { intended: explain(&difference).map(|e| e.id), difference })
        .collect()
}

/// All entries, the narrower before the wider.
pub const INTENDED: &[Intended] = &[
    Intended {
        id: "further-attributes",
        rule: "rows carry further attributes: those of docs/attributes.md that the legacy sync did not know",
        why: "whether a server can be recovered is judged by what DRS tells beside the legacy attributes; network and tags may be of an earlier sync, and a reader must see how old they are; a later sync must see who listed the server, and whether its row says the same",
        seen: "listedIn, contentHash, readiness and its reasons on every server, and what DRS and EC2 tell of it",
        explains: |d, _| {
            d.place == Place::Row
                && FURTHER_ATTRIBUTES.contains(&&*d.attribute)
                && d.legacy.is_none()
        },
    },
    Intended {
        id: "response-details",
        rule: "the response has details",
        why: "a caller must see what is missing, by name",
        seen: "body.details",
        explains: |d, _| is_response(d, "details") && d.legacy.is_none(),
    },
    Intended {
        id: "error-message-stored",
        rule: "a region's row keeps the message of its failure",
        why: "the legacy sync worked it out and lost it",
        seen: "errorMessage on rows that are not ACTIVE",
        explains: |d, _| is_region(d, "errorMessage") && d.legacy.is_none(),
    },
    Intended {
        id: "scp-denial-recognised",
        rule: "an access denial that names a service control policy is SCP_DENIED",
        why: "no role can allow it; the administrators of the organization must be asked",
        seen: "SCP_DENIED in place of IAM_PERMISSION_DENIED",
        explains: |d, _| changed(d, "IAM_PERMISSION_DENIED", "SCP_DENIED"),
    },
    Intended {
        id: "unknown-credentials-recognised",
        rule: "an unrecognized client or an invalid token is REGION_NOT_ENABLED where a region can be off",
        why: "that is how a region answers which the account has not enabled",
        seen: "REGION_NOT_ENABLED in place of ERROR",
        explains: |d, _| changed(d, "ERROR", "REGION_NOT_ENABLED"),
    },
    Intended {
        id: "unreachable-recognised",
        rule: "a reset or a timeout is ENDPOINT_UNREACHABLE",
        why: "the legacy sync knew only connections that were refused",
        seen: "ENDPOINT_UNREACHABLE in place of ERROR",
        explains: |d, _| changed(d, "ERROR", "ENDPOINT_UNREACHABLE"),
    },
    Intended {
        id: "access-denied-codes",
        rule: "every access-denied code is IAM_PERMISSION_DENIED",
        why: "services spell it differently",
        seen: "IAM_PERMISSION_DENIED in place of ERROR",
        explains: |d, _| changed(d, "ERROR", "IAM_PERMISSION_DENIED"),
    },
    Intended {
        id: "throttling-codes",
        rule: "every throttling code, and status 429, is THROTTLED",
        why: "services spell it differently",
        seen: "THROTTLED in place of ERROR",
        explains: |d, _| changed(d, "ERROR", "THROTTLED"),
    },
    Intended {
        id: "newer-regions",
        rule: "regions that DRS has come to since are asked",
        why: "a server there was never in the inventory",
        seen: "up to six more rows of region status, and their servers",
        explains: |d, f| f.is_of_newer_region(d),
    },
    Intended {
        id: "null-reads-as-absent",
        rule: "a null stagingAccounts or externalId is absent",
        why: "one such row made the legacy sync fail before anything was asked, or cost a group",
        seen: "the sync runs; the servers have network and tags",
        explains: |d, f| f.is_due_to_null(d),
    },
    Intended {
        id: "primary-interface-preferred",
        rule: "primaryIp and macAddress are of the primary interface, else of the first with an address",
        why: "the first interface is often that of a container bridge",
        seen: "another primaryIp or macAddress",
        explains: |d, f| {
            d.place == Place::Row
                && matches!(d.attribute.as_str(), "primaryIp" | "macAddress")
                && f.has_several_interfaces(&d.key)
        },
    },
    Intended {
        id: "empty-address-is-none",
        rule: "an empty text in an interface's list of addresses is no address",
        why: "the legacy sync took the first of the list, whatever it was",
        seen: "primaryIp is the next address of the interface in place of nothing",
        explains: |d, f| {
            d.place == Place::Row
                && d.attribute == "primaryIp"
                && d.legacy == Some(json!(""))
                && f.has_empty_address(&d.key)
        },
    },
    Intended {
        id: "empty-addresses-keep-the-server",
        rule: "a server whose first interface has an empty list of addresses has its row",
        why: "the legacy sync failed on it and stored nothing",
        seen: "a row more, an error less",
        explains: |d, f| match d.place {
            Place::Row => d.legacy.is_none() && f.has_empty_addresses(&d.key),
            _ => is_response(d, "totalErrors") && f.some_server_has_empty_addresses(),
        },
    },
    Intended {
        id: "empty-reads-as-absent",
        rule: "an empty origin or staging account or region reads as absent",
        why: "no account and no region is called that; an empty account is no key, so that the legacy sync lost the batch, and at an account's end all later accounts",
        seen: "the account or region asked in its place, and EC2 metadata; rows that were lost are there",
        explains: |d, f| f.is_due_to_empty_place(d),
    },
    Intended {
        id: "staging-role-used",
        rule: "EC2 of a staging account is asked through that account's own role",
        why: "the table knows it; the legacy sync looked at target accounts only",
        seen: "network and tags of its servers",
        explains: |d, f| is_metadata(d) && d.legacy.is_none() && f.runs_in_staging_account(d),
    },
    Intended {
        id: "duplicates-merged",
        rule: "a server listed twice is one row, of the listing that saw it last",
        why: "the legacy sync lost the whole batch, or kept whichever account came last",
        seen: "rows that were lost are there; a server is as its latest listing says",
        explains: |d, f| f.is_due_to_duplicates(d),
    },
    Intended {
        id: "bad-row-costs-itself",
        rule: "a row that the table refuses costs no other",
        why: "the legacy sync lost the batch, and at an account's end all later accounts",
        seen: "the other rows are there; the refused one is named",
        explains: |d, f| f.is_due_to_bad_row(d),
    },
    Intended {
        id: "account-without-role-skipped",
        rule: "an account that has no role is skipped and reported",
        why: "the legacy sync read the hub and stored its servers under that account",
        seen: "the hub's servers are no longer there twice or under a wrong name",
        explains: |d, f| f.is_due_to_missing_role(d),
    },
    Intended {
        id: "all-pages-of-accounts",
        rule: "every page of the accounts table is read",
        why: "accounts beyond 1 MB of the table were never asked",
        seen: "their servers",
        explains: |d, f| f.accounts_fill_a_page() && d.place == Place::Row && d.legacy.is_none(),
    },
    Intended {
        id: "region-row-for-all-accounts",
        rule: "a region's row speaks for all accounts",
        why: "the row of the next account overwrote it",
        seen: "accountsAsked, accountsFailed, counts and lastChecked; the sum of servers, the leading account, a status of all",
        explains: |d, f| match d.attribute.as_str() {
            _ if d.place != Place::Region => false,
            "accountsAsked" | "accountsFailed" | "counts" | "lastChecked" => d.legacy.is_none(),
            "serverCount" | "accountId" | "status" => f.several_accounts(),
            _ => false,
        },
    },
    Intended {
        id: "stored-is-counted",
        rule: "totalSynced is what is stored",
        why: "the legacy sync counted a row as it was queued",
        seen: "another totalSynced where rows were lost or written twice",
        explains: |d, f| is_response(d, "totalSynced") && f.counts_what_is_stored(d),
    },
    Intended {
        id: "failures-counted",
        rule: "totalErrors counts every account, region, row and EC2 group that failed",
        why: "the legacy sync ended as if all were well",
        seen: "totalErrors above 0, and exit code 3",
        explains: |d, f| is_response(d, "totalErrors") && f.counts_what_is_reported(d),
    },
    Intended {
        id: "active-regions-only",
        rule: "after the first sync only regions with servers are asked, and those that failed or are due",
        why: "most accounts use a few regions; the others are looked at once an hour",
        seen: "fewer calls of DescribeSourceServers from the second sync on",
        explains: |d, _| is_drs(d) && d.key == NEXT_SYNC && count(&d.refactored) < count(&d.legacy),
    },
    Intended {
        id: "only-changed-written",
        rule: "a row that says what stands in the table is not written again until an hour has passed",
        why: "writing every row at every sync was most of what the installation cost",
        seen: "lastUpdated stays on rows that did not change; the ledger says when DRS was last asked",
        explains: |d, _| is_rows_written(d) && count(&d.refactored) < count(&d.legacy),
    },
    Intended {
        id: "fewer-calls",
        rule: "one GetCallerIdentity per sync, one AssumeRole per account and role, one DescribeInstances for 200 instances",
        why: "the legacy sync asked who it is and assumed the role anew for every group, and asked one id at a time where one was unknown",
        seen: "fewer calls of STS and EC2",
        explains: |d, _| d.place == Place::Calls && count(&d.refactored) < count(&d.legacy),
    },
    Intended {
        id: "retried-longer",
        rule: "a call that is throttled or gets no answer is tried up to five times, for 20 s at most",
        why: "the legacy sync gave up a region after the second try, and its servers were not read",
        seen: "more calls, and more time, where AWS throttles",
        explains: |d, f| f.is_due_to_retries(d),
    },
    Intended {
        id: "asked-as-regions-answer",
        rule: "EC2 is asked for the servers of a region when the region has answered; servers of one origin in several regions are asked for together where these answer within 20 ms",
        why: "the legacy sync waited for the slowest region before it asked EC2 and wrote a row",
        seen: "a call of DescribeInstances more for each further region of the same origin",
        explains: |d, f| {
            d.place == Place::Calls
                && d.attribute == "ec2:DescribeInstances"
                && count(&d.refactored) <= count(&d.legacy) + f.further_regions_of_origins()
        },
    },
    Intended {
        id: "more-is-asked",
        rule: "what the entries above ask for: newer regions, and accounts and instances that the legacy sync missed",
        why: "as told there",
        seen: "more calls",
        explains: |d, f| f.is_due_to_more_questions(d),
    },
];

fn is_drs(d: &Difference) -> bool {
    d.place == Place::Calls && d.attribute == "drs:DescribeSourceServers"
}

/// A number of calls; none are 0.
fn count(calls: &Option<Value>) -> u64 {
    calls.as_ref().and_then(Value::as_u64).unwrap_or(0)
}

fn is_response(d: &Difference, attribute: &str) -> bool {
    d.place == Place::Response && d.attribute == attribute
}

fn is_rows_written(d: &Difference) -> bool {
    d.place == Place::Calls && d.attribute == ROWS_WRITTEN
}

fn is_region(d: &Difference, attribute: &str) -> bool {
    d.place == Place::Region && d.attribute == attribute
}

fn is_metadata(d: &Difference) -> bool {
    d.place == Place::Row && matches!(d.attribute.as_str(), "networkConfig" | "sourceTags")
}

fn changed(d: &Difference, from: &str, to: &str) -> bool {
    let is = |value: &Option<Value>, name: &str| *value == Some(json!(name));
    is_region(d, "status") && is(&d.legacy, from) && is(&d.refactored, to)
}
