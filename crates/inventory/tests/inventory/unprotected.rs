//! What nothing protects, as it is read, and what is excluded.

use std::time::Duration;

use inventory::picture::Freshness;
use inventory::unprotected::*;
use jiff::Timestamp;
use serde_json::{Value, json};
use testing::*;

fn freshness() -> Freshness {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    Freshness { now: Timestamp::now(), stale_after: minutes(30), discovery_interval: minutes(60) }
}

fn entry(account: &str, region: &str, count: u64, more: &Value) -> Value {
    let instances: Vec<Value> = (0..count)
        .map(|n| json!({ "instanceId": format!("i-{account}-{n}"), "name": "a" }))
        .collect();
    let mut entry = json!({ "accountId": account, "region": format!("#unprotected/{region}"),
        "asOf": sync::time::iso(Timestamp::now()), "count": count, "excluded": 1,
        "isCertain": true, "instances": instances });
    for (name, value) in more.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

async fn lab(entries: &[Value]) -> Lab {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    for entry in entries {
        lab.put(&lab.ledger(), entry).await;
        let account = json!({ "accountId": entry["accountId"], "region": "#account" });
        lab.put(&lab.ledger(), &account).await;
    }
    lab
}

async fn list(lab: &Lab, account: Option<&str>, region: Option<&str>) -> Unprotected {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let filter = UnprotectedFilter { account: text(account), region: text(region) };
    list_unprotected(&lab.ledger(), &filter, &freshness()).await.unwrap()
}

#[tokio::test]
async fn it_is_counted_per_account_and_what_is_not_certain_is_named() {
    let lab = lab(&[
        entry(MEMBER, "us-east-1", 1, &json!({})),
        entry(MEMBER, "eu-west-1", 2, &json!({ "asOf": "2026-01-01T00:00:00+00:00" })),
        entry(OTHER, "us-east-1", 4, &json!({ "isCertain": false, "because": "DRS was not read" })),
    ])
    .await;
    let found = list(&lab, None, None).await;
    let accounts = found.accounts.iter();
    let accounts: Vec<_> =
        accounts.map(|it| (it.account_id.as_str(), it.count, it.excluded, it.certain)).collect();
    assert_eq!(accounts, [(OTHER, 4, 1, false), (MEMBER, 3, 2, false)]);
    let regions: Vec<_> =
        found.instances.iter().map(|it| (it.region.as_str(), it.certain)).collect();
    assert_eq!(regions[..3], [("eu-west-1", false), ("eu-west-1", false), ("us-east-1", true)]);
    let because: Vec<_> = found.not_known.iter().map(|it| it.because.as_str()).collect();
    assert_eq!(because, ["it was last looked at too long ago", "DRS was not read"]);
    assert!(!found.is_cut);
    assert_eq!(list(&lab, Some(MEMBER), Some("us-east-1")).await.instances.len(), 1);
    assert_eq!(list(&lab, None, Some("eu-west-1")).await.accounts.len(), 1);
}

#[tokio::test]
async fn a_list_that_ends_early_says_so() {
    let cut = lab(&[entry(MEMBER, "us-east-1", 3, &json!({ "count": 501 }))]).await;
    assert!(list(&cut, None, None).await.is_cut);
    let many = [
        entry(MEMBER, "us-east-1", 500, &json!({})),
        entry(MEMBER, "us-east-2", 500, &json!({})),
        entry(MEMBER, "us-west-1", 1, &json!({})),
    ];
    let many = lab(&many).await;
    let found = list(&many, None, None).await;
    assert_eq!((found.instances.len(), found.is_cut), (MOST_INSTANCES, true));
    assert_eq!(found.accounts[0].count, 1001);
}

fn exclusion(what: &str, until: &str) -> NewExclusion {
    NewExclusion {
        what: What::parse(what).unwrap(),
        owner: "platform".to_owned(),
        reason: "built anew every night".to_owned(),
        until: until.parse().unwrap(),
    }
}

#[tokio::test]
async fn an_exclusion_is_made_listed_and_taken_back() {
    let lab = lab(&[]).await;
    let (ledger, now) = (lab.ledger(), Timestamp::now());
    let what = "tag:Environment=test=1";
    exclude(&ledger, &exclusion(what, "2999-01-01T00:00:00Z"), now).await.unwrap();
    let listed = list_exclusions(&ledger).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].what.as_str(), listed[0].owner.as_str()),
        (1, what, "platform")
    );
    assert!(listed[0].holds_at(now));
    assert!(listed[0].covers("i-1", [("Environment", "test=1")].into_iter()));
    assert!(!listed[0].covers("i-1", [("Environment", "test")].into_iter()));
    include(&ledger, &What::parse(what).unwrap(), now).await.unwrap();
    let again = include(&ledger, &What::parse(what).unwrap(), now).await.unwrap_err();
    assert!(again.to_string().contains(what), "{again}");
    let ended = list_exclusions(&ledger).await.unwrap();
    assert_eq!((ended.len(), ended[0].holds_at(now)), (1, false));
    assert_eq!(ended[0].reason, "built anew every night");
}

#[tokio::test]
async fn an_exclusion_without_an_end_an_owner_or_a_reason_is_none() {
    let lab = lab(&[]).await;
    let (ledger, now) = (lab.ledger(), Timestamp::now());
    let good = exclusion("id:i-0123456789abcdef0", "2999-01-01T00:00:00Z");
    let with = |change: fn(&mut NewExclusion)| {
        let mut one = good.clone();
        change(&mut one);
        one
    };
    for (wrong, named) in [
        (with(|it| it.until = Timestamp::UNIX_EPOCH), "until"),
        (with(|it| it.owner = " ".to_owned()), "owner"),
        (with(|it| it.reason = "two\nlines".to_owned()), "reason"),
        (with(|it| it.reason = "x".repeat(501)), "reason"),
    ] {
        let error = exclude(&ledger, &wrong, now).await.unwrap_err().to_string();
        assert!(error.starts_with(named), "{error}");
    }
    for what in ["", "i-1", "id:i-1", "id:i-0123456789abcdefg", "tag:", "tag:a", "tag:=b", "name:x"]
    {
        let error = What::parse(what).unwrap_err().to_string();
        assert!(error.contains("tag:KEY=VALUE"), "{error}");
    }
}
