//! One account: its claim, its session, the regions that are due.
//!
//! Regions answer while the servers of others are already enriched and written, so that one that
//! hangs delays itself only.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::AccountSession;
use futures::StreamExt;
use model::region::all_regions;
use model::{AccountToQuery, Failure};
use store::rows::ledger::{AccountEntry, PlaceEntry};
use store::rows::{ChangeKind, InventoryChange};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::beside::read_beside;
use super::credentials::get_account_credentials;
use super::drs::{RegionAnswer, query_drs_all_regions};
use super::ec2_listing::Ec2Listings;
use super::ledger::lease::Lease;
use super::ledger::{
    Entered, KnownPlaces, claim_account, get_active_regions, read_places, release_account,
};
use super::places::settle_answers;
use super::progress::Event;
use super::report::AccountOutcome;
use super::run::Run;
use super::settings::FindUnprotected;
use super::time::now;
use super::work::Work;

/// How long to wait for the answers of other regions, so that servers of one origin that are
/// listed in several regions cost EC2 one call.
const GATHER: Duration = Duration::from_millis(20);

/// Everything from the account's claim to its release. `position` is its place in the accounts table.
pub(super) async fn sync_account(
    run: &Run<'_>,
    position: usize,
    account: AccountToQuery,
) -> AccountOutcome {
    let id = &account.account_id;
    let patience = (run.start.deadline, run.request.waits_for_others);
    let claimed = claim_account(&run.start.ledger, id, (&run.id, &run.sync.clock), patience).await;
    let outcome = match claimed {
        // Boxed, like what is in it: a state of this size would not fit on a small stack.
        Ok(claim) => claim.keep(Box::pin(work_in(run, position, &account, &claim))).await,
        Err(failure) => {
            let unread = as_others_left_it(run, id).await;
            AccountOutcome { unread, ..AccountOutcome::not_entered(id, failure) }
        }
    };
    if let Some(Failure { code, message: cause, .. }) = &outcome.not_entered {
        tracing::warn!(account = id, code, cause, "cannot enter the account");
    }
    run.request.progress.tell(Event::AccountDone { account_id: id.clone() });
    outcome
}

async fn work_in(
    run: &Run<'_>,
    position: usize,
    account: &AccountToQuery,
    claim: &Lease,
) -> AccountOutcome {
    let (entered, known) = tokio::join!(enter(run, account), know(run, &account.account_id));
    let mut outcome = match entered {
        Ok(session) => {
            let known = known.as_ref();
            let finds = run.sync.settings.find_unprotected != FindUnprotected::No;
            let listings = finds.then(|| Ec2Listings::of(&session.account_id));
            let work = Work { run, claim, known, session: &session, position, listings };
            Box::pin(sync_regions(&work)).await
        }
        Err(failure) => {
            let known = known.iter().filter(|_| run.request.part().is_none());
            let unread = known.flat_map(|known| known.places.values().cloned());
            let unread = unread.map(|entry| (entry, false)).collect();
            AccountOutcome { unread, ..AccountOutcome::not_entered(&account.account_id, failure) }
        }
    };
    let in_part = run.request.part().is_some();
    let entered = match &outcome.not_entered {
        _ if in_part => Entered::InPart,
        None => Entered::Yes { regions_failed: outcome.regions_failed() },
        Some(failure) => Entered::No(failure),
    };
    // The start of the sync, so that accounts of one sync are of one age.
    let asked_at = run.start.time();
    let is_new = known.as_ref().is_some_and(|known| known.account.as_ref().is_none_or(is_new));
    if is_new && !in_part {
        let added = InventoryChange::of(account.account_id.clone(), ChangeKind::AccountAdded);
        // Where it cannot be told it is logged; the account is as good.
        let _ = run.tell(run.start.now, vec![added], &run.writing(claim)).await;
    }
    let previous = known.as_ref().and_then(|known| known.account.as_ref());
    if !outcome.unrecorded.is_empty() {
        // Nobody recorded which rows were written. The claim ends by itself, as that of a sync that
        // was killed, and the next sync reads them all.
        return outcome;
    }
    let released = release_account(claim, previous, entered, &asked_at);
    let released = run.start.looks_end.within(released).await.and_then(|released| released);
    outcome.unrecorded.extend(released.err().map(|failure| (None, failure)));
    outcome
}

/// What the ledger has of an account in which another sync works, or whose claim could not be made;
/// nothing where only some of its regions were to be asked.
async fn as_others_left_it(run: &Run<'_>, account_id: &str) -> Vec<(PlaceEntry, bool)> {
    if run.request.part().is_some() {
        return Vec::new();
    }
    let known = know(run, account_id).await.unwrap_or_default();
    known.places.into_values().map(|entry| run.as_it_holds(entry)).collect()
}

/// Nobody tried to enter the account before: its entry is that of the claim.
fn is_new(entry: &AccountEntry) -> bool {
    entry.last_checked.is_none()
}

async fn enter(run: &Run<'_>, account: &AccountToQuery) -> Result<AccountSession, Failure> {
    let entered = get_account_credentials(&run.sync.aws, &run.sync.credentials, &run.hub, account);
    run.start.deadline.within(entered).await.and_then(|entered| entered)
}

/// What the ledger has of the account; none where it cannot be read. Every region is asked then, and
/// nothing is found missing.
async fn know(run: &Run<'_>, account_id: &str) -> Option<KnownPlaces> {
    match read_places(&run.start.ledger, account_id).await {
        Ok(known) => Some(known),
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(account = account_id, cause, "ledger not read; every region is asked");
            None
        }
    }
}

async fn sync_regions(work: &Work<'_>) -> AccountOutcome {
    let Work { run, session, .. } = work;
    let id = &session.account_id;
    let (due, skipped) = regions_to_ask(work);
    run.request.progress.tell(Event::AccountEntered { account_id: id.clone(), regions: due.len() });

    let outcome = AccountOutcome::entered(id, skipped);
    let (answered, answers) = unbounded_channel();
    let asked = ask(work, &due, answered);
    let kept = keep(work, &due, answers, outcome);
    let mut outcome = tokio::join!(asked, kept).1;
    let listed = std::mem::take(&mut outcome.listed);
    read_beside(work, &outcome, &listed).await;
    outcome
}

/// The regions that are due, and how many are not; or those that were asked for, each once.
fn regions_to_ask(work: &Work<'_>) -> (Vec<String>, usize) {
    let Work { run, session, .. } = work;
    if let Some(part) = run.request.part() {
        let part: BTreeSet<&String> = part.iter().collect();
        return (part.into_iter().cloned().collect(), 0);
    }
    let settings = &run.sync.settings;
    let all = all_regions(settings.regions.as_deref(), &session.partition);
    let known = work.known.cloned().unwrap_or_default();
    let due = get_active_regions(&known, &all, now(&run.sync.clock), settings.discovery_interval);
    let skipped = all.iter().filter(|region| !due.contains(region)).count();
    (due, skipped)
}

/// Asks DRS in the regions that are due. The channel holds one answer per region at most.
async fn ask(work: &Work<'_>, due: &[String], answered: UnboundedSender<RegionAnswer>) {
    let Work { run, session, .. } = work;
    let pace = run.pace(run.sync.settings.limits.regions);
    let how = (&pace, &run.sync.clock);
    let mut answers = query_drs_all_regions(&run.sync.aws, session, due, how);
    while let Some(answer) = answers.next().await {
        run.request.progress.tell(Event::of_answer(&session.account_id, &answer));
        // The other side takes answers until this one is done.
        let _ = answered.send(answer);
    }
}

/// Settles what the regions answered, some of them at a time.
async fn keep(
    work: &Work<'_>,
    due: &[String],
    mut answers: UnboundedReceiver<RegionAnswer>,
    mut outcome: AccountOutcome,
) -> AccountOutcome {
    let position = |region: &str| due.iter().position(|it| it == region).unwrap_or(due.len());
    while let Some(mut answers) = gather(&mut answers).await {
        answers.sort_by_key(|answer| position(&answer.region));
        Box::pin(settle_answers(work, &position, answers, &mut outcome)).await;
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
