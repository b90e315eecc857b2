//! The write of an entry that stands beside the places of an account, under its claim.

use aws::{classify, service_error};
use futures::FutureExt;
use futures::future::BoxFuture;
use model::Failure;
use serde::Serialize;
use store::Item;
use store::rows::ledger::entry_key;
use store::tables::set_and_remove;

use super::batches::unusable;
use super::patience::Patience;
use super::work::Work;

/// Writes an entry that stands beside the places, whole: what it had before and has no more goes.
pub(super) fn write_beside<'a>(
    work: &'a Work<'_>,
    name: &'a str,
    entry: &'a impl Serialize,
) -> BoxFuture<'a, Result<(), Failure>> {
    let item = serde_dynamo::to_item(entry).map_err(|error| classify(&unusable(&error)));
    async move { send(work, name, item?).await }.boxed()
}

async fn send(work: &Work<'_>, name: &str, item: Item) -> Result<(), Failure> {
    let Work { run, session, .. } = work;
    let before = work.known.and_then(|known| known.beside.get(name)).into_iter().flatten();
    let gone = before.map(|(name, _)| name.as_str()).filter(|name| !item.contains_key(*name));
    let set = item.iter().map(|(name, value)| (name.as_str(), Some(value.clone())));
    let changes = set.chain(gone.map(|name| (name, None)));
    let changes = changes.filter(|(name, _)| !matches!(*name, "accountId" | "region"));
    let ledger = &run.start.ledger;
    let key = entry_key(&session.account_id, name);
    let update = ledger.client.update_item().table_name(&ledger.name).set_key(Some(key));
    let update = set_and_remove(update, changes);
    let send = || async { update.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
    let ends = run.start.looks_end.or_earlier(run.writing(work.claim).deadline);
    Patience::until(ends).call(send).await?.map_err(|error| classify(&error))
}
