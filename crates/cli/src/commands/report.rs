//! `report`: evidence of one moment, and whether it is still as it was written.

use std::path::Path;

use inventory::as_of::{AsOfTables, fleet_as_of};
use inventory::picture::Freshness;
use inventory::protection_groups::list_protection_groups;
use inventory::report::{Report, Selection, verify_report, write_report};
use inventory::words::count;
use store::Store;
use store::rows::{GroupDefinition, ProtectionGroup};
use store::tables::get_protection_groups_table;
use sync::settings::policy;

use crate::args::{ReportArgs, ReportCommand};
use crate::exit;
use crate::render::{past, print};
use crate::setup::Setup;
use crate::store::open_to_read;
use crate::text::{one_line, shell_word};

pub(crate) async fn run(setup: &Setup, args: ReportArgs) -> anyhow::Result<u8> {
    match (&args.command, &args.out) {
        (Some(ReportCommand::Verify { dir }), _) => verify(dir),
        (None, Some(out)) => write(setup, &args, out).await,
        (None, None) => anyhow::bail!("--out is missing; give the directory to make"),
    }
}

async fn write(setup: &Setup, args: &ReportArgs, out: &Path) -> anyhow::Result<u8> {
    let environment = &setup.environment;
    let opened = open_to_read(setup).await?;
    let freshness = Freshness::from_environment(environment)?;
    let as_of = args.as_of.as_deref();
    let time = as_of.map(|time| past::time(time, "--as-of", freshness.now)).transpose()?;
    let fleet =
        fleet_as_of(&AsOfTables::of(&opened)?, time.unwrap_or(freshness.now), &freshness).await?;
    let selection = Selection {
        accounts: args.account.clone(),
        groups: groups(&opened, &args.group).await?,
        tags: args.tag.clone(),
    };
    let report = Report::of(&fleet, selection, &policy(environment)?, freshness.now);
    write_report(&report, out, args.force)?;
    let servers = count(report.figures.servers, "server");
    let path = shell_word(&out.display().to_string());
    print(&format!(
        "{}: {servers} at {}, {}\nTo verify it: drs-inventory report verify {path}\n",
        out.display(),
        past::at(fleet.at),
        past::cards(&report.figures),
    ))?;
    past::warn(&fleet);
    Ok(exit::OK)
}

async fn groups(opened: &Store, names: &[String]) -> anyhow::Result<Vec<GroupDefinition>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = list_protection_groups(&get_protection_groups_table(opened)?).await?;
    let known = rows.into_iter().filter_map(|row| serde_dynamo::from_item(row).ok());
    let known: Vec<GroupDefinition> =
        known.map(|group: ProtectionGroup| group.definition).collect();
    let named = |name: &String| {
        let found = known.iter().find(|group| group.group_name.eq_ignore_ascii_case(name)).cloned();
        let names: Vec<&str> = known.iter().map(|group| group.group_name.as_str()).collect();
        found.ok_or_else(|| anyhow::anyhow!("--group {name}: expected one of {}", names.join(", ")))
    };
    names.iter().map(named).collect()
}

fn verify(directory: &Path) -> anyhow::Result<u8> {
    let mismatches = verify_report(directory);
    if mismatches.is_empty() {
        print(&format!("{}: as it was written, and every figure fits\n", directory.display()))?;
        return Ok(exit::OK);
    }
    let lines = mismatches.iter().map(|it| one_line(&format!("{}: {}", it.file, it.what)) + "\n");
    print(&lines.collect::<String>())?;
    Ok(exit::FAILED)
}
