//! One account: its session, the regions that are due, the rows of their servers.
//!
//! Regions answer while the servers of others are already enriched and written, so that one that
//! hangs delays itself only.

use std::time::Duration;

use aws::AccountSession;
use futures::StreamExt;
use model::region::all_regions;
use model::{AccountToQuery, Failure};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::credentials::get_account_credentials;
use super::drs::{RegionAnswer, all_servers, query_drs_all_regions};
use super::duplicates::Place;
use super::enrich::enrich_with_ec2_metadata;
use super::persist::write_inventory_to_dynamodb;
use super::progress::Event;
use super::region_status::{RegionOutcome, get_active_regions};
use super::report::{AccountOutcome, Found};
use super::run::Run;

/// How long to wait for the answers of other regions, so that servers of one origin that are
/// listed in several regions cost EC2 one call.
const GATHER: Duration = Duration::from_millis(20);

/// Everything from the account's role to its servers' rows. `place` is its place in the table.
pub(super) async fn sync_account(
    run: &Run<'_>,
    place: usize,
    account: AccountToQuery,
) -> AccountOutcome {
    let id = &account.account_id;
    let tried = !run.start.deadline.has_passed();
    let outcome = match enter(run, &account).await {
        Ok(session) => sync_regions(run, place, &session).await,
        Err(failure) => {
            let (code, cause) = (&failure.code, &failure.message);
            tracing::warn!(account = id, code, cause, "cannot enter the account");
            AccountOutcome::not_entered(id, failure, tried)
        }
    };
    run.request.progress.tell(Event::AccountDone { account_id: id.clone() });
    outcome
}

async fn enter(run: &Run<'_>, account: &AccountToQuery) -> Result<AccountSession, Failure> {
    let entered = get_account_credentials(&run.sync.aws, &run.sync.credentials, &run.hub, account);
    run.start.deadline.within(entered).await.and_then(|entered| entered)
}

async fn sync_regions(run: &Run<'_>, place: usize, session: &AccountSession) -> AccountOutcome {
    let settings = &run.sync.settings;
    let id = &session.account_id;
    let all = all_regions(settings.regions.as_deref(), &session.partition);
    let due = get_active_regions(&run.known, id, &all, run.start.now, settings.discovery_interval);
    run.request.progress.tell(Event::AccountEntered { account_id: id.clone(), regions: due.len() });

    let skipped = all.iter().filter(|region| !due.contains(region)).count();
    let outcome = AccountOutcome::entered(id, skipped);
    let (answered, answers) = unbounded_channel();
    let asked = ask(run, session, &due, answered);
    let kept = keep(run, (place, &due), answers, outcome);
    tokio::join!(asked, kept).1
}

/// Asks DRS in the regions that are due. The channel holds one answer per region at most.
async fn ask(
    run: &Run<'_>,
    session: &AccountSession,
    due: &[String],
    answered: UnboundedSender<RegionAnswer>,
) {
    let pace = run.pace(run.sync.settings.limits.regions);
    let mut answers = query_drs_all_regions(&run.sync.aws, session, due, &pace);
    while let Some(answer) = answers.next().await {
        run.request.progress.tell(Event::of_answer(&session.account_id, &answer));
        // The other side takes answers until this one is done.
        let _ = answered.send(answer);
    }
}

/// Makes rows of the servers that were listed, and writes them.
async fn keep(
    run: &Run<'_>,
    (account, due): (usize, &[String]),
    mut answers: UnboundedReceiver<RegionAnswer>,
    mut outcome: AccountOutcome,
) -> AccountOutcome {
    let (table, writing) = (&run.start.inventory, run.writing());
    let account_id = &outcome.account_id.clone();
    let position = |region: &String| due.iter().position(|it| it == region).unwrap_or(due.len());
    while let Some(mut answers) = gather(&mut answers).await {
        answers.sort_by_key(|answer| position(&answer.region));
        outcome.regions.extend(answers.iter().map(|answer| {
            let servers_known = run.known.had_servers(account_id, &answer.region);
            RegionOutcome::of(account_id, answer, servers_known)
        }));
        let servers = all_servers(answers);
        let (servers, failures) = enrich_with_ec2_metadata(&run.enrichment(), servers).await;
        outcome.add_servers(Found::of(&servers), failures);
        let _writing = run.may_write().await;
        let rows = run.rows(servers, |region| Place { account, region: position(region) });
        let rows = write_inventory_to_dynamodb(table, rows, &writing).await;
        let event = Event::RowsStored { account_id: account_id.clone(), rows: rows.written };
        run.request.progress.tell(event);
        outcome.add_rows(rows);
    }
    outcome
}

/// The answers that are there, and those that come right after the first of them; none where all
/// were taken.
async fn gather(answers: &mut UnboundedReceiver<RegionAnswer>) -> Option<Vec<RegionAnswer>> {
    let mut gathered = vec![answers.recv().await?];
    let others = async {
        while let Some(answer) = answers.recv().await {
            gathered.push(answer);
        }
    };
    // An error is the end of the wait.
    let _ = timeout(GATHER, others).await;
    Some(gathered)
}
