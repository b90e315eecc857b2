//! The demo's world: what it is there to show, judged by the facts that its simulated AWS tells.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::readiness::{Context, Policy, ReasonCode, Verdict, judge};
use model::{AccountToQuery, SourceServer};
use serde_json::Value;
use sync::accounts::{collect_accounts_to_query, merge_listings};
use sync::credentials::{get_account_credentials, identify_hub};
use sync::drs::query_drs_single_region;
use sync::enrich::{Enrichment, enrich_with_ec2_metadata};
use sync::pace::{Deadline, Pace};
use testing::*;

const DEMO: &str = include_str!("../../../../worlds/demo.json");

/// What two syncs, or a crowded region, would be needed for.
const NOT_SHOWN: [ReasonCode; 3] =
    [ReasonCode::NoLongerListed, ReasonCode::ChangedSinceDrill, ReasonCode::NearQuota];

/// Every server that the demo's accounts list, with what EC2 tells.
async fn servers(lab: &Lab, world: &Value) -> Vec<SourceServer> {
    let hub = identify_hub(&lab.sync.aws).await.unwrap();
    let (targets, stagings) = collect_accounts_to_query(&lab.accounts()).await.unwrap();
    let accounts = merge_listings(&targets, &stagings);
    let by_id: HashMap<String, AccountToQuery> =
        accounts.iter().map(|it| (it.account_id.clone(), it.clone())).collect();
    let enrichment = Enrichment {
        aws: &lab.sync.aws,
        credentials: &lab.sync.credentials,
        hub: &hub,
        accounts: &by_id,
        member_role: &lab.sync.settings.member_role,
        inventory: &lab.inventory(),
        listings: None,
        pace: Pace::of(10),
        writes_end: Deadline::none(),
    };
    let (mut servers, pace) = (Vec::new(), Pace::of(1));
    for account in &accounts {
        let session = get_account_credentials(&lab.sync.aws, &lab.sync.credentials, &hub, account);
        let Ok(session) = session.await else { continue };
        let Some(drs) = world["accounts"][&account.account_id]["drs"].as_object() else { continue };
        for region in drs.keys() {
            let asked = query_drs_single_region(&lab.sync.aws, &session, region, &pace);
            servers.extend(asked.await.map(|listing| listing.servers).unwrap_or_default());
        }
    }
    Box::pin(enrich_with_ec2_metadata(&enrichment, servers)).await.0
}

#[tokio::test]
async fn it_shows_each_verdict_and_every_reason_that_one_sync_can_show() {
    let world: Value = serde_json::from_str(DEMO).unwrap();
    let lab = Lab::of(world.clone()).await;
    let servers = servers(&lab, &world).await;
    assert!((40..=60).contains(&servers.len()), "{}", servers.len());
    let policy = Policy {
        rpo: Duration::from_secs(15 * 60),
        drill_max_age: Some(SignedDuration::from_hours(24 * 180)),
        ..Policy::default()
    };
    let context = Context { policy: &policy, now: Timestamp::now(), replicating: 10 };
    let judged: Vec<_> = servers.iter().map(|server| judge(server, &context)).collect();
    let verdicts: BTreeSet<Verdict> = judged.iter().map(|it| it.verdict).collect();
    assert_eq!(verdicts.len(), Verdict::ALL.len(), "{verdicts:?}");
    let shown: BTreeSet<ReasonCode> =
        judged.iter().flat_map(|it| it.reasons.iter().map(|reason| reason.code)).collect();
    let missing: Vec<_> = ReasonCode::ALL
        .iter()
        .filter(|it| !shown.contains(it) && !NOT_SHOWN.contains(it))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Most of a fleet is well, whatever day it is.
    let default = Policy::default();
    let context = Context { policy: &default, ..context };
    let ready = servers.iter().filter(|it| judge(it, &context).verdict == Verdict::Ready);
    assert!(ready.count() * 2 > servers.len());
}

#[tokio::test]
async fn its_drills_and_what_nothing_protects_are_found() {
    let settings = [("READ_DRILLS", "true"), ("FIND_UNPROTECTED", "true")];
    let lab = Lab::with(serde_json::from_str(DEMO).unwrap(), &settings).await;
    lab.run().await;
    let places = lab.places().await;
    let drills = &places["222222222222/#drills/us-west-2"];
    assert_eq!(drills["drillCount"], 1, "{drills}");
    let since: Timestamp = drills["oldestDrillSince"].as_str().unwrap().parse().unwrap();
    assert_eq!(Timestamp::now().duration_since(since).as_hours() / 24, 19);
    let denied = &places["333333333333/#drills/ap-southeast-2"];
    assert_eq!(denied["notAsked"], "AccessDeniedException");
    let launches = lab.history().await.into_iter().filter(|it| it.starts_with("launch "));
    assert_eq!(launches.count(), 3);
    assert_eq!(places["222222222222/#unprotected/us-east-1"]["count"], 2);
}
