//! `status`: one screen. Can we recover, what do we not know, what to do next.

use std::time::Duration;

use inventory::overview::{Overview, OverviewTables, read_overview};
use inventory::picture::Freshness;
use model::environment::Environment;
use store::Store;

use crate::args::{FailOn, StatusArgs, StatusOutput};
use crate::exit;
use crate::render::{print, status};
use crate::store::open_to_read;

/// Clears a terminal and goes to its first line. Source: ECMA-48, ED and CUP.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

pub(crate) async fn run(store: Option<&str>, args: StatusArgs) -> anyhow::Result<u8> {
    let environment = Environment::of_process();
    let opened = open_to_read(store, &environment).await?;
    match args.watch {
        None => {
            let overview = read(&opened, &environment).await?;
            print(&shown(&overview, args.output, store, &environment)?)?;
            Ok(code(&overview, &args.fail_on))
        }
        Some(seconds) => watch(&opened, store, &environment, Duration::from_secs(seconds)).await,
    }
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

fn code(overview: &Overview, fail_on: &[FailOn]) -> u8 {
    let verdicts = &overview.verdicts;
    let is = |asked| fail_on.contains(&asked);
    let not_ready = (is(FailOn::NotReady) || is(FailOn::AtRisk)) && verdicts.not_ready > 0;
    let at_risk = is(FailOn::AtRisk) && verdicts.at_risk > 0;
    let unknown = verdicts.unknown > 0 || !overview.picture.is_complete();
    if not_ready || at_risk {
        exit::NOT_READY
    } else if is(FailOn::Unknown) && unknown {
        exit::INCOMPLETE
    } else {
        exit::OK
    }
}
