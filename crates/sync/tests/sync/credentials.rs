//! Step 2: sessions from STS, cached.

use std::time::Duration;

use aws::AccountSession;
use aws_credential_types::provider::ProvideCredentials;
use futures::future::join_all;
use model::{AccountToQuery, ExternalId, Failure, Listing, RegionStatus};
use serde_json::json;
use sim::Outcome;
use sync::credentials::{Hub, get_account_credentials};

use testing::*;

fn account(id: &str, external_id: Option<&str>) -> AccountToQuery {
    let listing = Listing {
        role_arn: Some(role_arn(id)),
        external_id: external_id.map(ExternalId::new),
        problem: None,
    };
    AccountToQuery { account_id: id.to_owned(), listings: vec![listing] }
}

async fn enter(lab: &Lab, account: &AccountToQuery) -> Result<AccountSession, Failure> {
    let hub = Hub {
        account_id: HUB.to_owned(),
        partition: "aws".to_owned(),
        arn: String::new(),
        clock_off_by: None,
    };
    get_account_credentials(&lab.sync.aws, &lab.sync.credentials, &hub, account).await
}

#[tokio::test]
async fn one_role_is_assumed_once_however_many_ask() {
    let lab = Lab::of(one_account(0)).await;
    let member = account(MEMBER, Some("the-external-id"));
    let sessions = join_all((0..50).map(|_| enter(&lab, &member))).await;
    assert!(sessions.iter().all(Result::is_ok));
    assert_eq!(lab.count("AssumeRole"), 1);
}

#[tokio::test]
async fn a_session_has_its_three_parts_and_shows_none_of_them() {
    let lab = Lab::of(one_account(0)).await;
    let session = enter(&lab, &account(MEMBER, Some("the-external-id"))).await.unwrap();
    let credentials = session.credentials.provide_credentials().await.unwrap();
    assert!(credentials.access_key_id().starts_with("ASIA"));
    assert!(!credentials.secret_access_key().is_empty());
    let token = credentials.session_token().unwrap();
    assert!(!token.is_empty());
    let shown = format!("{session:?} {credentials:?}");
    assert!(!shown.contains(token) && !shown.contains(credentials.secret_access_key()), "{shown}");
}

#[tokio::test]
async fn a_session_is_renewed_before_it_ends() {
    let lab = Lab::of(one_account(0)).await;
    let member = account(MEMBER, Some("the-external-id"));
    let session = enter(&lab, &member).await.unwrap();
    let first = session.credentials.provide_credentials().await.unwrap();
    advance(Duration::from_secs(50 * 60)).await;
    let same = session.credentials.provide_credentials().await.unwrap();
    assert_eq!(first.access_key_id(), same.access_key_id());
    advance(Duration::from_secs(6 * 60)).await;
    let renewed = session.credentials.provide_credentials().await.unwrap();
    assert_ne!(first.access_key_id(), renewed.access_key_id());
    assert_eq!(lab.count("AssumeRole"), 2);
}

#[tokio::test]
async fn a_missing_or_wrong_external_id_is_a_denial() {
    let lab = Lab::of(one_account(0)).await;
    for external_id in [None, Some("some-other-id")] {
        let failure = enter(&lab, &account(MEMBER, external_id)).await.unwrap_err();
        assert_eq!(failure.status, RegionStatus::IamPermissionDenied);
        assert!(failure.advice.contains("external id"), "{}", failure.advice);
    }
}

#[tokio::test]
async fn a_role_that_throttles_once_is_assumed() {
    let mut world = one_account(0);
    world["accounts"][MEMBER]["roles"]["DRSOrchestrationRole"]["fault"] =
        json!({ "status": 400, "code": "Throttling", "message": "Rate exceeded", "count": 1 });
    let lab = Lab::of(world).await;
    assert!(enter(&lab, &account(MEMBER, Some("the-external-id"))).await.is_ok());
    let outcomes: Vec<_> = lab.sim.calls().into_iter().map(|call| call.outcome).collect();
    assert!(matches!(outcomes[..], [Outcome::Failed { status: 400, .. }, Outcome::Answered]));
}

#[tokio::test]
async fn a_role_that_failed_is_not_tried_by_each_who_asks_but_soon_again() {
    let lab = Lab::of(one_account(0)).await;
    let wrong = account(MEMBER, Some("some-other-id"));
    for _ in 0..5 {
        enter(&lab, &wrong).await.unwrap_err();
    }
    assert_eq!(lab.count("AssumeRole"), 1);
    advance(Duration::from_secs(31)).await;
    enter(&lab, &wrong).await.unwrap_err();
    assert_eq!(lab.count("AssumeRole"), 2);
}

#[tokio::test]
async fn every_way_a_row_can_be_wrong_is_said_without_a_call() {
    let lab = Lab::of(one_account(0)).await;
    let with_role = |role: Option<&str>| AccountToQuery {
        account_id: MEMBER.to_owned(),
        listings: vec![Listing { role_arn: role.map(str::to_owned), ..Listing::default() }],
    };
    for (role, code) in [
        (None, "NoRole"),
        (Some("DRSOrchestrationRole"), "InvalidRoleArn"),
        (Some("arn:aws:iam::222222222222:user/x"), "InvalidRoleArn"),
        (Some("arn:aws:iam::333333333333:role/x"), "RoleOfOtherAccount"),
    ] {
        let failure = enter(&lab, &with_role(role)).await.unwrap_err();
        assert_eq!(failure.code, code);
    }
    assert!(lab.sim.calls().is_empty());
}

#[tokio::test]
async fn a_hub_without_credentials_says_what_to_configure() {
    let lab = Lab::of(one_account(0)).await;
    let mut without = sdk_config(&lab.sim.endpoint()).into_builder();
    without.set_credentials_provider(None);
    let hub = Hub {
        account_id: HUB.to_owned(),
        partition: "aws".to_owned(),
        arn: String::new(),
        clock_off_by: None,
    };
    let aws = aws::Aws::new(without.build(), impatient());
    let own = account(HUB, None);
    let failure =
        get_account_credentials(&aws, &lab.sync.credentials, &hub, &own).await.unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.advice.as_str()),
        ("NoCredentials", "configure the AWS SDK")
    );
}
