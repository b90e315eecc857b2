//! `status`: one screen. Can we recover, what do we not know, what to do next.

use std::time::Duration;

use inventory::as_of::{AsOfTables, Standing, fleet_as_of};
use inventory::overview::{Overview, OverviewTables, read_overview};
use inventory::picture::Freshness;
use model::environment::Environment;
use store::Store;

use crate::args::{FailOn, StatusArgs, StatusOutput};
use crate::exit;
use crate::render::{past, print, status};
use crate::setup::Setup;
use crate::store::open_to_read;

/// Clears a terminal and goes to its first line. Source: ECMA-48, ED and CUP.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

pub(crate) async fn run(setup: &Setup, args: StatusArgs) -> anyhow::Result<u8> {
    let (store, environment) = (setup.store(), &setup.environment);
    let opened = open_to_read(setup).await?;
    if let Some(time) = &args.as_of {
        return as_of(&opened, time, &args, environment).await;
    }
    match args.watch {
        None => {
            let overview = read(&opened, environment).await?;
            print(&shown(&overview, args.output, store, environment)?)?;
            Ok(Found::of(&overview).code(&args.fail_on))
        }
        Some(seconds) => watch(&opened, store, environment, Duration::from_secs(seconds)).await,
    }
}

/// As it was at a time of the past.
async fn as_of(
    opened: &Store,
    time: &str,
    args: &StatusArgs,
    environment: &Environment,
) -> anyhow::Result<u8> {
    let freshness = Freshness::from_environment(environment)?;
    let time = past::time(time, "--as-of", freshness.now)?;
    let fleet = fleet_as_of(&AsOfTables::of(opened)?, time, &freshness).await?;
    print(&match args.output {
        StatusOutput::Text => past::screen(&fleet),
        StatusOutput::Json => format!("{:#}\n", past::json(&fleet)),
    })?;
    let figures = fleet.figures();
    let servers = |verdict| figures.of_verdict(verdict);
    let found = Found {
        not_ready: servers(Standing::NotReady) > 0,
        at_risk: servers(Standing::AtRisk) > 0,
        unknown: servers(Standing::Unknown) > 0 || !fleet.not_known.is_empty(),
    };
    Ok(found.code(&args.fail_on))
}

async fn read(opened: &Store, environment: &Environment) -> anyhow::Result<Overview> {
    let freshness = Freshness::from_environment(environment)?;
    Ok(read_overview(&OverviewTables::of(opened)?, &freshness).await?)
}

fn shown(
    overview: &Overview,
    output: StatusOutput,
    store: Option<&str>,
    environment: &Environment,
) -> anyhow::Result<String> {
    Ok(match output {
        StatusOutput::Json => format!("{:#}\n", overview.to_json()),
        StatusOutput::Text => {
            status::screen(overview, Freshness::from_environment(environment)?.now, store)
        }
    })
}

/// Until the command is ended.
async fn watch(
    opened: &Store,
    store: Option<&str>,
    environment: &Environment,
    every: Duration,
) -> anyhow::Result<u8> {
    loop {
        let overview = read(opened, environment).await?;
        let screen = shown(&overview, StatusOutput::Text, store, environment)?;
        crate::render::clear(CLEAR);
        print(&screen)?;
        tokio::time::sleep(every).await;
    }
}

/// What there is.
struct Found {
    not_ready: bool,
    at_risk: bool,
    unknown: bool,
}

impl Found {
    fn of(overview: &Overview) -> Self {
        let verdicts = &overview.verdicts;
        Self {
            not_ready: verdicts.not_ready > 0,
            at_risk: verdicts.at_risk > 0,
            unknown: verdicts.unknown > 0 || !overview.picture.is_complete(),
        }
    }

    fn code(&self, fail_on: &[FailOn]) -> u8 {
        let is = |asked| fail_on.contains(&asked);
        let not_ready = (is(FailOn::NotReady) || is(FailOn::AtRisk)) && self.not_ready;
        if not_ready || (is(FailOn::AtRisk) && self.at_risk) {
            exit::NOT_READY
        } else if is(FailOn::Unknown) && self.unknown {
            exit::INCOMPLETE
        } else {
            exit::OK
        }
    }
}
