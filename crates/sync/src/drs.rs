//! Step 3: the servers that DRS lists, region by region.

use aws::{
    AccountSession, Aws, PageTokens, ServiceError, classify_in, describe_source_servers,
    source_server,
};
use aws_smithy_async::time::SharedTimeSource;
use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;
use model::{Failure, SourceServer};

use super::pace::Pace;
use super::time::now;

/// What one region answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionAnswer {
    /// The region.
    pub region: String,
    /// When the query started; none where the sync's time was up before.
    pub asked_at: Option<Timestamp>,
    /// What it lists, every page, or why there is nothing.
    pub result: Result<RegionListing, Failure>,
}

/// What one region lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionListing {
    /// Its servers, every page.
    pub servers: Vec<SourceServer>,
    /// One for each server that is listed and cannot be read, with its id in the message.
    pub unreadable: Vec<Failure>,
}

impl RegionListing {
    /// Whether a server that is not among the servers is not there. Where one could not be read, or
    /// has no ARN, its absence says nothing, nor that of any other: nobody knows which one it was.
    pub fn is_complete(&self) -> bool {
        self.unreadable.is_empty() && self.servers.iter().all(|server| server.arn().is_some())
    }
}

/// Lists the servers of one account and region, every page.
///
/// # Errors
/// One of the eight statuses. A failure on any page fails the region as a whole, and so does a
/// list without an end: half a list would look like servers that are gone.
pub async fn query_drs_single_region(
    aws: &Aws,
    session: &AccountSession,
    region: &str,
    pace: &Pace,
) -> Result<RegionListing, Failure> {
    let client = aws.drs(session, region);
    let mut ticker = pace.ticker();
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut listing = RegionListing::default();
    loop {
        if let Some(ticker) = &mut ticker {
            ticker.tick().await;
        }
        let page = describe_source_servers(&client, token.take()).await;
        let page = page.map_err(|error| classify_in(region, &error))?;
        let servers = page.servers.iter();
        listing.servers.extend(servers.map(|it| source_server(&session.account_id, region, it)));
        listing.unreadable.extend(page.unreadable.iter().map(|it| unreadable_server(region, it)));
        token = tokens.next(page.next_token).map_err(|error| classify_in(region, &error))?;
        if token.is_none() {
            return Ok(listing);
        }
    }
}

fn unreadable_server(region: &str, error: &ServiceError) -> Failure {
    let advice = "look at the server in DRS; the next sync asks again, and if it stays, a newer \
                  version of this program may know the field";
    Failure { advice: advice.to_owned(), ..classify_in(region, error) }
}

/// Lists the servers of one account in `regions`, as many at once and as long as `pace` says. One
/// answer per region, as they come; one region's failure harms no other.
pub fn query_drs_all_regions<'a>(
    aws: &'a Aws,
    session: &'a AccountSession,
    regions: &'a [String],
    (pace, clock): (&'a Pace, &'a SharedTimeSource),
) -> impl Stream<Item = RegionAnswer> + Unpin + 'a {
    let asked = stream::iter(regions).map(move |region| async move {
        let asked_at = (!pace.deadline.has_passed()).then(|| now(clock));
        let asked = query_drs_single_region(aws, session, region, pace);
        let result = pace.deadline.within(asked).await.and_then(|answer| answer);
        let answer = RegionAnswer { region: region.clone(), asked_at, result };
        log_failure(&session.account_id, &answer);
        answer
    });
    // Unordered, so that a region that hangs keeps one place and not the whole queue.
    asked.buffer_unordered(pace.at_once).boxed()
}

fn log_failure(account: &str, answer: &RegionAnswer) {
    let region = &answer.region;
    let failure = match &answer.result {
        Ok(listing) => {
            for Failure { code, message: cause, .. } in &listing.unreadable {
                tracing::warn!(account, region, code, cause, "a source server is unreadable");
            }
            return;
        }
        Err(failure) => failure,
    };
    if !failure.status.is_not_in_use() {
        let (status, code, cause) = (failure.status.name(), &failure.code, &failure.message);
        tracing::warn!(account, region, status, code, cause, "cannot list source servers");
    }
}
