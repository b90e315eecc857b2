//! Step 3: the servers that DRS lists, region by region.

use futures::{Stream, StreamExt, stream};

use super::drs_status::classify_in;
use super::pace::Pace;
use crate::aws::{AccountSession, Aws, PageTokens, service_error};
use crate::model::{Failure, SourceServer};

/// What one region answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionAnswer {
    /// The region.
    pub region: String,
    /// Its servers, all of them, or why there are none.
    pub result: Result<Vec<SourceServer>, Failure>,
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
) -> Result<Vec<SourceServer>, Failure> {
    let client = aws.drs(session, region);
    let mut ticker = pace.ticker();
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut servers = Vec::new();
    loop {
        if let Some(ticker) = &mut ticker {
            ticker.tick().await;
        }
        let call = client.describe_source_servers().set_next_token(token.take());
        let page = call.send().await.map_err(|error| classify_in(region, &service_error(&error)))?;
        let listed = page.items.unwrap_or_default().into_iter();
        servers.extend(listed.map(|it| SourceServer::new(&session.account_id, region, it)));
        token = tokens.next(page.next_token).map_err(|error| classify_in(region, &error))?;
        if token.is_none() {
            return Ok(servers);
        }
    }
}

/// Lists the servers of one account in `regions`, as many at once and as long as `pace` says. One
/// answer a region, as they come; one region's failure harms no other.
pub fn query_drs_all_regions<'a>(
    aws: &'a Aws,
    session: &'a AccountSession,
    regions: &'a [String],
    pace: &'a Pace,
) -> impl Stream<Item = RegionAnswer> + Unpin + 'a {
    let asked = stream::iter(regions).map(move |region| async move {
        let asked = query_drs_single_region(aws, session, region, pace);
        let result = pace.deadline.within(asked).await.and_then(|answer| answer);
        let answer = RegionAnswer { region: region.clone(), result };
        log_failure(&session.account_id, &answer);
        answer
    });
    // Unordered, so that a region that hangs keeps one place and not the whole queue.
    asked.buffer_unordered(pace.at_once).boxed()
}

/// The servers of the regions that answered, in the order of the answers.
pub fn all_servers(answers: Vec<RegionAnswer>) -> Vec<SourceServer> {
    answers.into_iter().filter_map(|answer| answer.result.ok()).flatten().collect()
}

fn log_failure(account: &str, answer: &RegionAnswer) {
    let Err(failure) = &answer.result else { return };
    let (region, status) = (&answer.region, failure.status.name());
    if failure.status.is_not_in_use() {
        tracing::debug!(account, region, status, "region is not in use");
    } else {
        let (code, cause) = (&failure.code, &failure.message);
        tracing::warn!(account, region, status, code, cause, "cannot list source servers");
    }
}
