//! `servers`: what the inventory holds, the worst first.

mod listing;

use inventory::as_of::{AsOfTables, ServerThen, fleet_as_of};
use inventory::picture::{Freshness, PictureTables, picture_of_servers, query_regions};
use inventory::protection_groups::{is_in_group, list_protection_groups};
use inventory::servers::{
    ServerFilter, Terms, only_fitting, query_judged_servers, query_servers, worst_first,
};
use model::readiness::ReasonCode;
use store::rows::ProtectionGroup;
use store::tables::{
    get_drs_region_status_table, get_protection_groups_table, get_source_server_inventory_table,
};
use store::{Item, Store};
use sync::settings::policy;

use self::listing::{InWords, listing};
use crate::args::{ServersArgs, TagTerm};
use crate::exit;
use crate::render::{note, past, picture};
use crate::setup::Setup;
use crate::store::open_to_read;

pub(crate) async fn run(setup: &Setup, args: ServersArgs) -> anyhow::Result<u8> {
    let environment = &setup.environment;
    let opened = open_to_read(setup).await?;
    let freshness = Freshness::from_environment(environment)?;
    let policy = policy(environment)?;
    let as_of = args.as_of.as_deref();
    let as_of = as_of.map(|time| past::time(time, "--as-of", freshness.now)).transpose()?;
    let (groups, asked) = (Terms::parse(args.group.iter().map(String::as_str)), args.list.clone());
    let filter = filter_of(args)?;
    if let Some(time) = as_of {
        let fleet = fleet_as_of(&AsOfTables::of(&opened)?, time, &freshness).await?;
        let rows = fleet.servers.iter().map(ServerThen::to_row).collect();
        let mut servers = only_fitting(rows, &filter);
        keep_groups(&opened, &groups, &mut servers).await?;
        listing(&InWords { policy, now: time }).show(servers, &asked)?;
        past::warn(&fleet);
        return Ok(exit::OK);
    }
    let mut servers = read(&opened, &filter).await?;
    keep_groups(&opened, &groups, &mut servers).await?;
    let tables = PictureTables::of(&opened)?;
    let mut picture = picture_of_servers(&tables, &mut servers, &freshness).await?;
    servers.retain(|row| filter.verdict_fits(row));
    worst_first(&mut servers);
    if let Some(region) = filter.region.single() {
        picture.only_region(region);
    }
    let none = servers.is_empty();
    listing(&InWords { policy, now: freshness.now }).show(servers, &asked)?;
    if none {
        note("no servers");
    }
    picture::warn(&picture);
    Ok(exit::OK)
}

fn filter_of(args: ServersArgs) -> anyhow::Result<ServerFilter> {
    let terms = |values: &[String]| Terms::parse(values.iter().map(String::as_str));
    refuse_empty(&args)?;
    // Codes are written with underscores, and typed with dashes.
    let codes = |values: &[String]| {
        let codes: Vec<String> = values.iter().map(|value| value.replace('-', "_")).collect();
        terms(&codes)
    };
    let reason = codes(&args.reason);
    check(&reason, "--reason", ReasonCode::ALL.iter().map(|code| code.name()))?;
    let verdict = codes(&args.verdict);
    check(&verdict, "--verdict", ["READY", "AT_RISK", "NOT_READY", "UNKNOWN"])?;
    let drill = codes(&args.drill);
    check(&drill, "--drill", ["CURRENT", "OLD", "NEVER", "FAILED", "CHANGED_SINCE"])?;
    let (tags, without): (Vec<TagTerm>, Vec<TagTerm>) =
        args.tag.into_iter().partition(|term| term.must_have);
    Ok(ServerFilter {
        account: terms(&args.account),
        staging_account: terms(&args.staging_account),
        region: terms(&args.region),
        state: codes(&args.state),
        hostname: terms(&args.hostname),
        tags: tags.into_iter().map(|term| term.tag).collect(),
        without_tags: without.into_iter().map(|term| term.tag).collect(),
        verdict,
        reason,
        drill,
        min_lag: args.lag_above.map(|lag| lag.saturating_add(1)),
        ..ServerFilter::default()
    })
}

/// Without a value every server would fit.
fn refuse_empty(args: &ServersArgs) -> anyhow::Result<()> {
    let given = [
        ("--account", &args.account),
        ("--staging-account", &args.staging_account),
        ("--region", &args.region),
        ("--verdict", &args.verdict),
        ("--reason", &args.reason),
        ("--drill", &args.drill),
        ("--group", &args.group),
        ("--state", &args.state),
        ("--hostname", &args.hostname),
    ];
    let is_empty = |values: &[String]| {
        !values.is_empty() && Terms::parse(values.iter().map(String::as_str)).is_empty()
    };
    match given.into_iter().find(|(_, values)| is_empty(values)) {
        None => Ok(()),
        Some((option, _)) => anyhow::bail!("{option} is empty; leave it out, or give a value"),
    }
}

/// A word that is misspelt would show no servers, as if there were none.
fn check<'a>(
    terms: &Terms,
    option: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let known: Vec<&str> = known.into_iter().collect();
    let is_known = |value: &&str| known.iter().any(|it| it.eq_ignore_ascii_case(value));
    match terms.values().find(|value| !is_known(value)) {
        None => Ok(()),
        Some(value) => {
            anyhow::bail!("{option} {value}: expected one of {}", known.join(", "))
        }
    }
}

/// The legacy sync judges nothing: its rows are in no index of verdicts.
async fn read(opened: &Store, filter: &ServerFilter) -> anyhow::Result<Vec<Item>> {
    let table = get_source_server_inventory_table(opened)?;
    let regions = query_regions(&get_drs_region_status_table(opened)?, None).await?;
    let all_judged = !regions.is_empty() && regions.iter().all(|row| row.contains_key("counts"));
    Ok(match all_judged {
        true => query_judged_servers(&table, filter).await?,
        false => query_servers(&table, filter).await?,
    })
}

async fn keep_groups(
    opened: &Store,
    wanted: &Terms,
    servers: &mut Vec<Item>,
) -> anyhow::Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let groups = list_protection_groups(&get_protection_groups_table(opened)?).await?;
    let groups: Vec<ProtectionGroup> =
        groups.into_iter().filter_map(|row| serde_dynamo::from_item(row).ok()).collect();
    let names = groups.iter().map(|group| group.definition.group_name.as_str());
    check(wanted, "--group", names)?;
    servers.retain(|row| {
        wanted.fit(|name| {
            let named =
                |group: &&ProtectionGroup| group.definition.group_name.eq_ignore_ascii_case(name);
            groups.iter().filter(named).any(|group| is_in_group(row, &group.definition))
        })
    });
    Ok(())
}
