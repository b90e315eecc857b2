//! What writers at the same time do to each other.

use futures::future::join_all;
use proptest::prelude::*;

use super::*;

#[tokio::test]
async fn of_changes_at_the_same_time_none_is_lost() {
    let lab = lab().await;
    let group = create(&lab, named("web", &[1])).await.unwrap();
    let id = &group.group_id;
    let (a, b) = tokio::join!(
        update(&lab, id, json!({ "description": "d" })),
        update(&lab, id, json!({ "accountId": MEMBER })),
    );
    let row = rows(&lab).await.remove(0);
    assert!(a.is_ok() || b.is_ok(), "{a:?} {b:?}");
    for (result, attribute) in [(&a, "description"), (&b, "accountId")] {
        assert_eq!(result.is_ok(), row.get(attribute).is_some(), "{a:?} {b:?} {row}");
        let contended = matches!(result, Ok(_) | Err(ManageError::Contended { .. }));
        assert!(contended, "{result:?}");
    }
    let written = u64::from(a.is_ok()) + u64::from(b.is_ok());
    assert_eq!(row["version"], 1 + written);
}

#[tokio::test]
async fn of_groups_created_at_the_same_time_none_share_a_name_or_a_server() {
    for definitions in [
        [named("web", &[1]), named("WEB", &[2]), named("Web", &[3])],
        [named("a", &[1, 2]), named("b", &[2, 3]), named("c", &[3, 2])],
    ] {
        let lab = lab().await;
        let results = join_all(definitions.map(|group| create(&lab, group))).await;
        let mut kept: Vec<String> =
            results.iter().flatten().map(|group| group.group_id.clone()).collect();
        kept.sort_unstable();
        let mut there: Vec<String> = rows(&lab)
            .await
            .iter()
            .map(|row| row["groupId"].as_str().unwrap().to_owned())
            .collect();
        there.sort_unstable();
        assert_eq!(kept, there, "{results:?}");
        assert!(kept.len() <= 1, "{results:?}");
    }
}

#[tokio::test]
async fn of_groups_renamed_at_the_same_time_none_share_a_name() {
    let lab = lab().await;
    let a = create(&lab, named("a", &[1])).await.unwrap();
    let b = create(&lab, named("b", &[2])).await.unwrap();
    let (to_c, also) = tokio::join!(
        update(&lab, &a.group_id, json!({ "groupName": "c" })),
        update(&lab, &b.group_id, json!({ "groupName": "C" })),
    );
    for (before, result) in [(&a, &to_c), (&b, &also)] {
        let (now, _) = get_protection_group(&lab.groups(), &before.group_id).await.unwrap();
        match result {
            Ok(group) => assert_eq!(now, *group),
            Err(error) => {
                assert!(matches!(error, ManageError::AlreadyExists { .. }), "{error}");
                assert_eq!(now.definition, before.definition);
                assert_eq!(now.last_updated, before.last_updated);
            }
        }
    }
    assert!(to_c.is_err() || also.is_err());
}

#[derive(Debug, Clone)]
enum Step {
    Create(u8, Vec<u32>),
    Rename(usize, u8),
    Take(usize, Vec<u32>),
    Delete(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let servers = || prop::collection::vec(1..6_u32, 1..3);
    prop_oneof![
        (0..6_u8, servers()).prop_map(|(name, servers)| Step::Create(name, servers)),
        (0..6_usize, 0..6_u8).prop_map(|(place, name)| Step::Rename(place, name)),
        (0..6_usize, servers()).prop_map(|(place, servers)| Step::Take(place, servers)),
        (0..6_usize).prop_map(Step::Delete),
    ]
}

/// Six names, of which three differ.
fn name(number: u8) -> String {
    let name = ["web", "db", "app"][usize::from(number % 3)];
    if number < 3 { name.to_owned() } else { name.to_uppercase() }
}

async fn take(lab: &Lab, step: Step) {
    let there = rows(lab).await;
    let id = |place: usize| {
        let row = there.get(place % there.len().max(1));
        row.map_or("nobody".to_owned(), |row| row["groupId"].as_str().unwrap().to_owned())
    };
    let result = match step {
        Step::Create(number, servers) => {
            create(lab, named(&name(number), &servers)).await.map(drop)
        }
        Step::Rename(place, number) => {
            update(lab, &id(place), json!({ "groupName": name(number) })).await.map(drop)
        }
        Step::Take(place, servers) => {
            let ids: Vec<String> = servers.into_iter().map(server_id).collect();
            update(lab, &id(place), json!({ "sourceServerIds": ids })).await.map(drop)
        }
        Step::Delete(place) => {
            delete_protection_group(&lab.groups(), &lab.plans(), &id(place)).await
        }
    };
    if result.is_err() {
        let expected = !matches!(result, Err(ManageError::Service { .. } | ManageError::Read(_)));
        assert!(expected, "{result:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn whatever_is_done_no_two_groups_share_a_name_or_a_server(
        rounds in prop::collection::vec(prop::collection::vec(step(), 1..4), 1..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lab = lab().await;
            for steps in rounds {
                join_all(steps.into_iter().map(|step| take(&lab, step))).await;
                let rows = rows(&lab).await;
                let lower = |row: &Value| row["groupName"].as_str().unwrap().to_lowercase();
                let mut names: Vec<String> = rows.iter().map(lower).collect();
                let ids = |row: &Value| row["sourceServerIds"].as_array().unwrap().clone();
                let mut ids: Vec<String> =
                    rows.iter().flat_map(ids).map(|id| id.as_str().unwrap().to_owned()).collect();
                for list in [&mut names, &mut ids] {
                    let count = list.len();
                    list.sort_unstable();
                    list.dedup();
                    assert_eq!(list.len(), count, "{rows:?}");
                }
            }
        });
    }
}
