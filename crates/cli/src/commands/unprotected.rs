//! `unprotected`: EC2 instances that nothing protects, and those that need not be protected.

use anyhow::bail;
use aws_sdk_dynamodb::types::AttributeValue;
use inventory::changes::moment;
use inventory::picture::Freshness;
use inventory::unprotected::{
    NewExclusion, Unprotected, UnprotectedFilter, What, exclude, include, list_exclusions,
    list_unprotected,
};
use store::Item;
use store::tables::{AccountRegionStatusTable, get_account_region_status_table};

use crate::args::{ExcludeArgs, ListArgs, UnprotectedCommand};
use crate::exit;
use crate::render::listing::Listing;
use crate::render::note;
use crate::setup::Setup;
use crate::store::{open_existing, open_to_read};

const COLUMNS: [(&str, &str); 9] = [
    ("account", "accountId"),
    ("region", "region"),
    ("instance", "instanceId"),
    ("name", "name"),
    ("owner", "owner"),
    ("type", "type"),
    ("state", "state"),
    ("launched", "launchTime"),
    ("as of", "asOf"),
];
/// Beyond the columns.
const FURTHER: [&str; 2] = ["tags", "certain"];
const EXCLUSION_COLUMNS: [(&str, &str); 6] = [
    ("what", "what"),
    ("owner", "owner"),
    ("reason", "reason"),
    ("until", "until"),
    ("holds", "holds"),
    ("since", "since"),
];

/// Regions of accounts that a note names.
const MOST_NAMED: usize = 20;

pub(crate) async fn run(setup: &Setup, command: UnprotectedCommand) -> anyhow::Result<u8> {
    let freshness = Freshness::from_environment(&setup.environment)?;
    match command {
        UnprotectedCommand::List { account, region, exclusions, list: asked } => {
            let opened = open_to_read(setup).await?;
            let ledger = get_account_region_status_table(&opened)?;
            if exclusions {
                list_excluded(&ledger, &freshness, &asked).await?;
            } else {
                let filter = UnprotectedFilter { account, region };
                list(&ledger, &filter, &freshness, &asked).await?;
            }
        }
        UnprotectedCommand::Exclude(args) => {
            let opened = open_existing(setup).await?;
            let exclusion = exclusion(args)?;
            let ledger = get_account_region_status_table(&opened)?;
            exclude(&ledger, &exclusion, freshness.now).await?;
            let NewExclusion { what, until, .. } = exclusion;
            note(&format!("from the next sync until {until} {what} need not be protected"));
        }
        UnprotectedCommand::Include { what } => {
            let opened = open_existing(setup).await?;
            let what = What::parse(&what)?;
            include(&get_account_region_status_table(&opened)?, &what, freshness.now).await?;
            note(&format!("from the next sync on {what} is to be protected again"));
        }
    }
    Ok(exit::OK)
}

fn exclusion(args: ExcludeArgs) -> anyhow::Result<NewExclusion> {
    let ExcludeArgs { what, owner, reason, until } = args;
    let Some(until) = moment(&until) else {
        bail!("--until {until:?} is no time; expected one as in 2027-01-31")
    };
    Ok(NewExclusion { what: What::parse(&what)?, owner, reason, until })
}

async fn list(
    ledger: &AccountRegionStatusTable,
    filter: &UnprotectedFilter,
    freshness: &Freshness,
    asked: &ListArgs,
) -> anyhow::Result<()> {
    let found = list_unprotected(ledger, filter, freshness).await?;
    let lines: Result<Vec<Item>, _> = found.instances.iter().map(serde_dynamo::to_item).collect();
    Listing { further: &FURTHER, ..Listing::of(&COLUMNS) }.show(lines?, asked)?;
    tell(&found);
    Ok(())
}

/// How many there are, and what is not known of them.
fn tell(found: &Unprotected) {
    if found.accounts.is_empty() {
        note("no sync has looked for unprotected instances; set FIND_UNPROTECTED=true, then sync");
        return;
    }
    let sum = |part: fn(&inventory::unprotected::AccountCount) -> u64| {
        found.accounts.iter().map(part).sum::<u64>()
    };
    let (count, excluded) = (sum(|account| account.count), sum(|account| account.excluded));
    let regions = sum(|account| account.regions);
    note(&format!(
        "{count} instances that nothing protects, {excluded} excluded, in {regions} regions of {} accounts",
        found.accounts.len()
    ));
    if found.is_cut {
        note("not all of them are listed; ask for one account or region");
    }
    for place in found.not_known.iter().take(MOST_NAMED) {
        let (account, region, because) = (&place.account_id, &place.region, &place.because);
        note(&format!("not certain: {account} {region}: {because}"));
    }
    let more = found.not_known.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        note(&format!("and {more} more"));
    }
}

async fn list_excluded(
    ledger: &AccountRegionStatusTable,
    freshness: &Freshness,
    asked: &ListArgs,
) -> anyhow::Result<()> {
    let exclusions = list_exclusions(ledger).await?;
    let mut lines = Vec::with_capacity(exclusions.len());
    for exclusion in &exclusions {
        let mut line: Item = serde_dynamo::to_item(exclusion)?;
        // The name of the key says nothing to people.
        let what = line.remove("region");
        line.extend(what.map(|what| ("what".to_owned(), what)));
        let holds = AttributeValue::Bool(exclusion.holds_at(freshness.now));
        line.insert("holds".to_owned(), holds);
        lines.push(line);
    }
    Listing::of(&EXCLUSION_COLUMNS).show(lines, asked)?;
    if exclusions.is_empty() {
        note("nothing is excluded");
    }
    Ok(())
}
