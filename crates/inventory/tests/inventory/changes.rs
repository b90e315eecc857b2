//! What can be asked of the history.

use inventory::changes::{ChangeFilter, only_server, query_changes};
use inventory::servers::one::{FindError, Reach, find_server};
use inventory::servers::page::PageError;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::rows::{ChangeKind, InventoryChange};
use store::{Item, text};
use sync::time::iso;

use testing::*;

fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn arn(region: &str, number: u32) -> String {
    format!("arn:aws:drs:{region}:{MEMBER}:source-server/{}", server_id(number))
}

async fn tell(lab: &Lab, subject: &str, kind: ChangeKind, hours_ago: i64) {
    let at = now() - SignedDuration::from_hours(hours_ago);
    let item = InventoryChange::of(subject, kind).into_item("sync", (&iso(at), at.as_second()));
    let table = lab.changes();
    let put = table.client.put_item().table_name(&table.name).set_item(Some(item.unwrap()));
    put.send().await.unwrap();
}

async fn empty() -> Lab {
    Lab::of(json!({ "hubAccountId": HUB })).await
}

/// Every page, and how many there were.
async fn all(lab: &Lab, filter: &ChangeFilter, limit: usize) -> (Vec<Item>, usize) {
    let (mut entries, mut token, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let page = (limit, token.as_deref());
        let changes = query_changes(&lab.changes(), filter, page, now()).await.unwrap();
        assert!(changes.entries.len() <= limit);
        entries.extend(changes.entries);
        pages += 1;
        token = changes.next;
        if token.is_none() {
            return (entries, pages);
        }
    }
}

fn subjects(entries: &[Item]) -> Vec<&str> {
    entries.iter().map(|entry| text(entry, "subject")).collect()
}

#[tokio::test]
async fn entries_of_all_days_and_subjects_come_once_the_last_first() {
    let lab = empty().await;
    let arns: Vec<String> = (0..60).map(|n| arn("us-east-1", n)).collect();
    for (hours, arn) in arns.iter().enumerate() {
        tell(&lab, arn, ChangeKind::Changed, i64::try_from(hours).unwrap() * 2).await;
    }
    for limit in [1, 7, 60, 1000] {
        let (entries, _) = all(&lab, &ChangeFilter::default(), limit).await;
        assert_eq!(subjects(&entries), arns, "limit {limit}");
    }
    let since = Some(now() - SignedDuration::from_hours(48));
    let until = Some(now() - SignedDuration::from_hours(10));
    let between = ChangeFilter { since, until, ..ChangeFilter::default() };
    assert_eq!(subjects(&all(&lab, &between, 4).await.0), arns[5..=24]);
}

#[tokio::test]
async fn each_filter_on_its_own_and_together() {
    let lab = empty().await;
    let place = format!("{MEMBER}/eu-west-1");
    tell(&lab, &arn("us-east-1", 1), ChangeKind::Missing, 1).await;
    tell(&lab, &arn("eu-west-1", 2), ChangeKind::Removed, 2).await;
    tell(&lab, &place, ChangeKind::RegionFailed, 3).await;
    tell(&lab, MEMBER, ChangeKind::AccountAdded, 4).await;
    tell(&lab, OTHER, ChangeKind::AccountRemoved, 5).await;
    let hits = async |filter: ChangeFilter| all(&lab, &filter, 10).await.0.len();
    let some = |text: &str| Some(text.to_owned());
    let none = ChangeFilter::default;
    assert_eq!(hits(none()).await, 5);
    assert_eq!(hits(ChangeFilter { account: some(MEMBER), ..none() }).await, 4);
    assert_eq!(hits(ChangeFilter { region: some("eu-west-1"), ..none() }).await, 2);
    let kinds = vec![ChangeKind::Missing, ChangeKind::Removed];
    assert_eq!(hits(ChangeFilter { kinds: kinds.clone(), ..none() }).await, 2);
    let region = some("eu-west-1");
    assert_eq!(hits(ChangeFilter { kinds, region, account: some(MEMBER), ..none() }).await, 1);
    assert_eq!(hits(ChangeFilter::of(&place)).await, 1);
    assert_eq!(hits(ChangeFilter::of(&arn("eu-west-1", 2))).await, 1);
}

#[tokio::test]
async fn without_a_time_a_subject_has_all_its_history_and_the_others_a_week() {
    let lab = empty().await;
    let place = format!("{MEMBER}/eu-west-1");
    tell(&lab, &place, ChangeKind::RegionFailed, 24 * 300).await;
    tell(&lab, &place, ChangeKind::RegionRecovered, 24 * 6).await;
    assert_eq!(all(&lab, &ChangeFilter::of(&place), 10).await.0.len(), 2);
    assert_eq!(all(&lab, &ChangeFilter::default(), 10).await.0.len(), 1);
}

/// Two hundred days without anything are more than one answer looks through.
#[tokio::test]
async fn a_question_ends_and_says_where_it_stopped() {
    let lab = empty().await;
    tell(&lab, MEMBER, ChangeKind::AccountAdded, 24 * 199).await;
    let since = Some(now() - SignedDuration::from_hours(24 * 200));
    let filter = ChangeFilter { since, ..ChangeFilter::default() };
    let before = lab.store.calls().len();
    let first = query_changes(&lab.changes(), &filter, (10, None), now()).await.unwrap();
    assert!(lab.store.calls().len() - before <= 400);
    assert!(first.entries.is_empty() && first.next.is_some());
    let looked = first.looked_back_to.unwrap();
    assert!(looked.as_str() > "2026-05-09" && looked.as_str() < "2026-11-25", "{looked}");
    let (entries, pages) = all(&lab, &filter, 10).await;
    assert_eq!((subjects(&entries), pages > 1), (vec![MEMBER], true));
}

#[tokio::test]
async fn a_token_of_other_filters_is_refused() {
    let lab = empty().await;
    for hours in 0..3 {
        tell(&lab, MEMBER, ChangeKind::AccountAdded, hours).await;
        tell(&lab, OTHER, ChangeKind::AccountAdded, hours).await;
    }
    let filter = ChangeFilter::default();
    let page = query_changes(&lab.changes(), &filter, (2, None), now()).await.unwrap();
    let token = page.next.unwrap();
    let other = ChangeFilter { account: Some(MEMBER.to_owned()), ..filter.clone() };
    for (filter, token) in
        [(&other, token.as_str()), (&filter, ""), (&filter, "bm8ganNvbg"), (&filter, "e30")]
    {
        let refused = query_changes(&lab.changes(), filter, (2, Some(token)), now()).await;
        assert!(matches!(refused, Err(PageError::Token)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_server_is_found_by_arn_and_by_id_and_its_history_when_it_is_gone() {
    let lab = Lab::of(one_account(3)).await;
    lab.run().await;
    let arn = arn("us-east-1", 2);
    for id in [arn.as_str(), &server_id(2)] {
        let row = find_server(&lab.server_tables(), id, Reach::Everywhere).await.unwrap();
        assert_eq!(text(&row, "hostname"), "host-2");
        let filter =
            only_server(ChangeFilter::default(), &lab.server_tables(), (id, Reach::Everywhere))
                .await
                .unwrap();
        assert_eq!(filter, ChangeFilter::of(&arn));
    }
    let legacy = json!({ "sourceServerArn": "arn:legacy", "stagingAccountId": MEMBER,
        "sourceServerID": "s-legacy", "hostname": "legacy" });
    lab.put(&lab.inventory(), &legacy).await;
    let row = find_server(&lab.server_tables(), "s-legacy", Reach::Everywhere).await.unwrap();
    assert_eq!(text(&row, "hostname"), "legacy");
    for id in ["", "s-", "s-1", "arn:aws:drs:us-east-1:1:source-server/s-1", &"s".repeat(5000)] {
        let none = find_server(&lab.server_tables(), id, Reach::Everywhere).await;
        assert!(matches!(none, Err(FindError::NotFound { .. })), "{id}");
    }
    let gone = server_id(99);
    tell(
        &lab,
        &format!("arn:aws:drs:us-east-1:{MEMBER}:source-server/{gone}"),
        ChangeKind::Removed,
        1,
    )
    .await;
    let filter = only_server(ChangeFilter::default(), &lab.server_tables(), (&gone, Reach::Known))
        .await
        .unwrap();
    assert_eq!(all(&lab, &filter, 10).await.0.len(), 1);
}
