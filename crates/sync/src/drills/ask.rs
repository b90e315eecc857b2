//! What DRS tells of instances that it launched, and of the jobs that did.

use aws::{
    LaunchJob, LaunchedInstance, PageTokens, ServiceError, classify_in, describe_launch_jobs,
    describe_recovery_instances,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use model::Failure;

use crate::pace::Pace;
use crate::work::Work;

/// What DRS told; what it did not is none.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) instances: Option<Vec<LaunchedInstance>>,
    pub(super) jobs: Option<Vec<LaunchJob>>,
    /// Why something is missing.
    pub(super) failure: Option<Failure>,
}

impl From<Failure> for Told {
    fn from(failure: Failure) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }
}

/// Asks for the instances that are there, and then for the jobs since `from`. Where the first is not
/// answered the second is not asked.
pub(super) fn ask<'a>(work: &'a Work<'_>, region: &'a str, from: String) -> BoxFuture<'a, Told> {
    ask_both(work, region, from).boxed()
}

async fn ask_both(work: &Work<'_>, region: &str, from: String) -> Told {
    let client = work.run.sync.aws.drs(work.session, region);
    let pace = work.run.pace(1);
    let page = |token| describe_recovery_instances(&client, token).boxed();
    let instances = match every_page(&pace, page).await {
        Ok(instances) => instances,
        Err(error) => return classify_in(region, &error).into(),
    };
    let page = |token| describe_launch_jobs(&client, &from, token).boxed();
    let jobs = every_page(&pace, page).await.map_err(|error| classify_in(region, &error));
    let (jobs, failure) = match jobs {
        Ok(jobs) => (Some(jobs), None),
        Err(failure) => (None, Some(failure)),
    };
    Told { instances: Some(instances), jobs, failure }
}

type Page<T> = Result<(Vec<T>, Option<String>), ServiceError>;

async fn every_page<'a, T>(
    pace: &Pace,
    page: impl Fn(Option<String>) -> BoxFuture<'a, Page<T>>,
) -> Result<Vec<T>, ServiceError> {
    let mut ticker = pace.ticker();
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut all = Vec::new();
    loop {
        if let Some(ticker) = &mut ticker {
            ticker.tick().await;
        }
        let (members, next) = page(token.take()).await?;
        all.extend(members);
        token = tokens.next(next)?;
        if token.is_none() {
            return Ok(all);
        }
    }
}
