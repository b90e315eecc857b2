//! Every instance of an account and region, listed once per sync of the account.
//!
//! Where unprotected instances are looked for, this serves the metadata of servers, too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::{PageTokens, classify, service_error};
use aws_sdk_ec2::types::Instance;
use futures::FutureExt;
use futures::future::BoxFuture;
use model::{Ec2Instance, Failure};
use tokio::sync::OnceCell;

use super::ec2::{Ec2Answer, PAGE_SIZE, metadata};

/// An instance as EC2 lists it. Absent texts are empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListedInstance {
    pub(crate) metadata: Ec2Instance,
    /// As in `m6i.large`.
    pub(crate) kind: String,
    /// ISO 8601.
    pub(crate) launch_time: String,
}

/// By instance id.
pub(crate) type Ec2Listing = Arc<HashMap<String, ListedInstance>>;
type Cell = Arc<OnceCell<Result<Ec2Listing, Failure>>>;

/// The listings of one account, by region. Each is asked for once.
#[derive(Debug)]
pub struct Ec2Listings {
    account_id: String,
    by_region: Mutex<HashMap<String, Cell>>,
}

impl Ec2Listings {
    /// Of this account; nothing is listed yet.
    pub fn of(account_id: &str) -> Self {
        Self { account_id: account_id.to_owned(), by_region: Mutex::default() }
    }

    /// Whether they are of this account.
    pub(crate) fn are_of(&self, account_id: &str) -> bool {
        self.account_id == account_id
    }

    /// The instances of a region; asked for where nobody has before.
    ///
    /// # Errors
    /// EC2 could not be asked, now or before in this sync.
    pub(crate) fn list<'a>(
        &'a self,
        region: &str,
        client: BoxFuture<'a, Result<aws_sdk_ec2::Client, Failure>>,
    ) -> BoxFuture<'a, Result<Ec2Listing, Failure>> {
        let cell = {
            let mut by_region = self.by_region.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(by_region.entry(region.to_owned()).or_default())
        };
        let list = async { list_instances(&client.await?).boxed().await.map(Arc::new) }.boxed();
        async move { cell.get_or_init(|| list).await.clone() }.boxed()
    }
}

async fn list_instances(
    client: &aws_sdk_ec2::Client,
) -> Result<HashMap<String, ListedInstance>, Failure> {
    let call = client.describe_instances().max_results(PAGE_SIZE);
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut all = HashMap::new();
    loop {
        let page = call.clone().set_next_token(token.take()).send().await;
        let page = page.map_err(|error| classify(&service_error(&error)))?;
        let reservations = page.reservations().iter();
        let instances = reservations.flat_map(|reservation| reservation.instances());
        all.extend(instances.filter_map(|it| Some((it.instance_id()?.to_owned(), listed(it)))));
        token = tokens.next(page.next_token).map_err(|error| classify(&error))?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

fn listed(instance: &Instance) -> ListedInstance {
    let launched = instance.launch_time().and_then(|time| {
        let time = jiff::Timestamp::new(time.secs(), 0);
        time.ok().map(super::time::iso)
    });
    ListedInstance {
        metadata: metadata(instance),
        kind: instance.instance_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        launch_time: launched.unwrap_or_default(),
    }
}

/// What a listing says of `ids`: one that it does not have is one that EC2 does not know.
pub(crate) fn answer_of(listing: Result<Ec2Listing, Failure>, ids: Vec<String>) -> Ec2Answer {
    match listing {
        Ok(listing) => {
            let known = ids.into_iter().filter_map(|id| {
                let instance = listing.get(&id)?.metadata.clone();
                Some((id, instance))
            });
            Ec2Answer { instances: known.collect(), ..Ec2Answer::default() }
        }
        Err(failure) => Ec2Answer {
            not_asked: ids.into_iter().collect(),
            failure: Some(failure),
            ..Ec2Answer::default()
        },
    }
}
