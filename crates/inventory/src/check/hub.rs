//! The hub: credentials, clock, tables, and room of the installation.

use aws::{Aws, ServiceError, classify};
use model::RegionStatus;
use model::readiness::policy::{MANY_REPLICATING, MOST_REPLICATING};
use serde::Serialize;
use store::rows::ledger::{LAST_ENTRY, LastSync, SYNC_ENTRIES};
use store::tables::{
    DrsRegionStatusTable, Listing, TableKind, get_account_region_status_table,
    get_drs_region_status_table, get_target_accounts_table, lacking, try_read, try_writes,
};
use store::{Item, Store, text};
use sync::accounts::{collect_accounts_to_query, merge_listings};
use sync::credentials::{Hub, identify_hub};
use sync::{Settings, check_clock};

use super::step::{Step, all_passed};
use crate::capacity::capacity_of;
use crate::picture::{Freshness, entries_of_regions, query_regions};
use crate::words::moment;

const CREDENTIALS: &str = "AWS credentials";
const CLOCK: &str = "clock";
const ACCOUNTS: &str = "accounts";
const LAST_SYNC: &str = "last sync";
const ROOM: &str = "room for more servers";

/// What came of checking the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubCheck {
    /// The account; none where STS does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Whose credentials these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Whether no step failed.
    pub passed: bool,
    /// In their order.
    pub steps: Vec<Step>,
}

/// Checks what a sync starts with. Writes are tried on rows that are not there, and so change nothing.
pub async fn check_hub(
    aws: &Aws,
    store: &Store,
    settings: &Settings,
    freshness: &Freshness,
) -> HubCheck {
    let identity = identify_hub(aws).await;
    let mut steps = identity_steps(&identity).to_vec();
    for kind in TableKind::ALL {
        steps.push(table_step(store, kind).await);
    }
    steps.push(accounts_step(store).await);
    steps.push(last_sync_step(store, settings, freshness).await);
    steps.push(room_step(store).await);
    let hub = identity.ok();
    HubCheck {
        account_id: hub.as_ref().map(|hub| hub.account_id.clone()),
        arn: hub.map(|hub| hub.arn),
        passed: all_passed(&steps),
        steps,
    }
}

fn identity_steps(identity: &Result<Hub, ServiceError>) -> [Step; 2] {
    let hub = match identity {
        Ok(hub) => hub,
        Err(error) => {
            let change = "set AWS_PROFILE or log in, and set AWS_REGION; where there is no network to AWS, AWS_ENDPOINT_URL_STS names another way";
            let failed = Step::failed(CREDENTIALS, error.to_string(), change.to_owned());
            return [failed, Step::not_reached(CLOCK)];
        }
    };
    let clock = match check_clock(hub.clock_off_by) {
        Ok(()) => Step::ok(CLOCK, "as that of AWS"),
        Err(error) => Step::failed(
            CLOCK,
            error.to_string(),
            "set the clock of this machine, or let NTP set it".to_owned(),
        ),
    };
    [Step::ok(CREDENTIALS, hub.arn.as_str()), clock]
}

/// Named by the variable that names it: two installations call the same table differently.
async fn table_step(store: &Store, kind: TableKind) -> Step {
    let what = kind.schema().variable;
    let create = "drs-inventory tables create".to_owned();
    let name = match store.names.get(kind) {
        Ok(name) => name,
        Err(error) => {
            return Step::failed(
                what,
                error.to_string(),
                format!("set {what} to the name of the table"),
            );
        }
    };
    let missing = match lacking(store, kind).await {
        Ok(missing) => missing,
        Err(error) if error.source.code() == "ResourceNotFoundException" => {
            return Step::failed(what, format!("{name} is not there"), create);
        }
        // A sync does without; what it needs is tried below.
        Err(error) if is_denial(&error.source) => Vec::new(),
        Err(error) => return refused(what, "dynamodb:DescribeTable", name, &error.source),
    };
    if !missing.is_empty() {
        let found = format!("{name} lacks {}, or is still building it", missing.join(", "));
        return Step::failed(what, found, format!("{create}; of a stack: scripts/deploy.sh"));
    }
    if let Err((action, error)) = try_read(store, kind).await {
        return refused(what, action, name, &error);
    }
    match try_writes(store, kind).await {
        Ok(()) => Step::ok(what, format!("{name}: rows and indexes can be read, rows written")),
        Err((action, error)) => refused(what, action, name, &error),
    }
}

fn refused(what: &'static str, action: &str, name: &str, error: &ServiceError) -> Step {
    let found = format!("{action} on {name}: {}: {}", error.code(), error.message());
    let change = format!("allow {action} on the table {name} and its indexes to these credentials");
    Step::failed(what, found, change)
}

fn is_denial(error: &ServiceError) -> bool {
    classify(error).status == RegionStatus::IamPermissionDenied
}

async fn accounts_step(store: &Store) -> Step {
    let Ok(table) = get_target_accounts_table(store) else { return Step::not_reached(ACCOUNTS) };
    match collect_accounts_to_query(&table).await {
        Err(_) => Step::not_reached(ACCOUNTS),
        Ok((targets, stagings)) => match merge_listings(&targets, &stagings).len() {
            0 => Step::failed(
                ACCOUNTS,
                "none",
                "drs-inventory accounts discover --apply, or accounts import FILE, or accounts add"
                    .to_owned(),
            ),
            count => {
                Step::ok(ACCOUNTS, format!("{count}; drs-inventory accounts check looks at each"))
            }
        },
    }
}

/// Nobody may run a schedule, as on a laptop: then an old sync is no fault.
async fn last_sync_step(store: &Store, settings: &Settings, freshness: &Freshness) -> Step {
    let Ok(ledger) = get_account_region_status_table(store) else {
        return Step::not_reached(LAST_SYNC);
    };
    let entries = Listing::of_partition(&ledger, "accountId", SYNC_ENTRIES).every_item().await;
    // The step of the table says why.
    let Ok(entries) = entries else { return Step::not_reached(LAST_SYNC) };
    let last = entries.into_iter().find(|entry| text(entry, "region") == LAST_ENTRY);
    let last: LastSync = serde_dynamo::from_item(last.unwrap_or_default()).unwrap_or_default();
    let run = "drs-inventory sync, or look why the schedule does not: docs/runbooks/no-sync.md"
        .to_owned();
    let Some(started_at) = last.started_at else {
        return Step::optional(LAST_SYNC, "no sync of all accounts has ended yet", run);
    };
    let found =
        format!("started {}, could not read {} places", moment(&started_at), last.not_known);
    if freshness.is_stale(Some(&started_at), 1) {
        let minutes = settings.stale_after.as_secs() / 60;
        return Step::optional(
            LAST_SYNC,
            format!("{found}; that is more than {minutes} minutes ago"),
            run,
        );
    }
    match last.not_known {
        0 => Step::ok(LAST_SYNC, found),
        _ => {
            Step::optional(LAST_SYNC, found, "drs-inventory status, then accounts check".to_owned())
        }
    }
}

/// Of what the ledger knows; no call of AWS counts servers.
async fn room_step(store: &Store) -> Step {
    let (Ok(regions), Ok(ledger)) =
        (get_drs_region_status_table(store), get_account_region_status_table(store))
    else {
        return Step::not_reached(ROOM);
    };
    let Ok(names) = regions_in_use(&regions).await else { return Step::not_reached(ROOM) };
    let Ok(entries) = entries_of_regions(&ledger, names).await else {
        return Step::not_reached(ROOM);
    };
    let capacity = capacity_of(&entries);
    let full = capacity.places.iter().filter(|place| place.replicating > Some(MANY_REPLICATING));
    let full: Vec<String> = full.map(|it| format!("{} {}", it.account_id, it.region)).collect();
    if full.is_empty() {
        let fullest = capacity.places.first().and_then(|place| place.replicating);
        let found = fullest
            .map(|it| format!("at most {it} of {MOST_REPLICATING} in an account and region"));
        return Step::ok(ROOM, found.unwrap_or_else(|| "no servers yet".to_owned()));
    }
    let change =
        "docs/runbooks/quota.md; drs-inventory accounts check says it for one account".to_owned();
    Step::optional(ROOM, format!("nearly full: {}", full.join(", ")), change)
}

async fn regions_in_use(table: &DrsRegionStatusTable) -> Result<Vec<String>, store::QueryError> {
    let rows: Vec<Item> = query_regions(table, None).await?;
    let in_use = rows.iter().filter(|row| store::number::<u64>(row, "serverCount") > Some(0));
    Ok(in_use.map(|row| text(row, "region").to_owned()).collect())
}
