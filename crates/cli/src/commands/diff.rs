//! `diff`: what became of the servers between two moments.

use inventory::as_of::{AsOfTables, difference, fleet_as_of, gaps_between};
use inventory::picture::Freshness;
use serde_json::json;

use crate::args::{DiffArgs, StatusOutput};
use crate::exit;
use crate::render::{past, print};
use crate::setup::Setup;
use crate::store::open_to_read;

pub(crate) async fn run(setup: &Setup, args: DiffArgs) -> anyhow::Result<u8> {
    let environment = &setup.environment;
    let opened = open_to_read(setup).await?;
    let freshness = Freshness::from_environment(environment)?;
    let from = past::time(&args.from, "FROM", freshness.now)?;
    let to = args.to.as_deref().map(|to| past::time(to, "TO", freshness.now)).transpose()?;
    let to = to.unwrap_or(freshness.now);
    if from > to {
        anyhow::bail!(
            "{} is later than {}; give the earlier moment first",
            args.from,
            past::at(to)
        );
    }
    let tables = AsOfTables::of(&opened)?;
    let earlier = fleet_as_of(&tables, from, &freshness).await?;
    let later = fleet_as_of(&tables, to, &freshness).await?;
    let gaps = gaps_between(&tables.changes, (from, to), freshness.stale_after).await?;
    let difference = difference(&earlier, &later);
    print(&match args.output {
        StatusOutput::Text => past::difference(&difference, &gaps, (from, to)),
        StatusOutput::Json => {
            let answer = json!({
                "from": past::at(from), "to": past::at(to), "gaps": gaps, "difference": difference,
            });
            format!("{answer:#}\n")
        }
    })?;
    past::warn(&later);
    Ok(exit::OK)
}
