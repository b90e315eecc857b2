//! Recovery plans: what a row holds, and that no plan names a group that is not there.

use futures::future::join_all;
use inventory::ManageError;
use inventory::protection_groups::delete_protection_group;
use inventory::recovery_plans::{
    Changes, NewPlan, RecoveryPlan, create_recovery_plan, delete_recovery_plan, get_recovery_plan,
    list_recovery_plans, update_recovery_plan,
};
use serde_json::{Value, json};

use testing::*;

const NOW: &str = "2026-11-01T10:00:00.000000+00:00";
const LATER: &str = "2026-11-01T11:00:00.000000+00:00";

/// Groups pg-1 to pg-3.
async fn lab() -> Lab {
    let lab = Lab::of(json!({ "hubAccountId": HUB })).await;
    for number in 1..=3 {
        let group = json!({ "groupId": format!("pg-{number}"), "groupName": format!("g{number}"),
            "region": "eu-west-1", "serverSelectionTags": { "Tier": "web" }, "version": 1,
            "createdAt": NOW, "lastUpdated": NOW });
        lab.put(&lab.groups(), &group).await;
    }
    lab
}

fn waves(waves: &[&[&str]]) -> Value {
    let wave = |groups: &&[&str]| json!({ "waveName": "w", "protectionGroupIds": groups });
    waves.iter().map(wave).collect()
}

async fn create(lab: &Lab, plan: Value) -> Result<RecoveryPlan, ManageError> {
    let plan: NewPlan = serde_json::from_value(plan).unwrap();
    create_recovery_plan(&lab.plans(), &lab.groups(), plan, NOW).await
}

async fn named(lab: &Lab, name: &str, groups: &[&[&str]]) -> Result<RecoveryPlan, ManageError> {
    create(lab, json!({ "planName": name, "waves": waves(groups) })).await
}

async fn update(lab: &Lab, id: &str, changes: Value) -> Result<RecoveryPlan, ManageError> {
    let changes: Changes = serde_json::from_value(changes).unwrap();
    update_recovery_plan(&lab.plans(), &lab.groups(), id, changes, LATER).await
}

async fn rows(lab: &Lab) -> Vec<Value> {
    let rows = list_recovery_plans(&lab.plans()).await.unwrap();
    rows.into_iter().map(|row| serde_dynamo::from_item(row).unwrap()).collect()
}

#[tokio::test]
async fn waves_are_numbered_in_their_order() {
    let lab = lab().await;
    let given = json!({ "planName": "all", "waves": [
        { "waveNumber": 7, "waveName": "first", "protectionGroupIds": ["pg-2", "pg-1"] },
        { "waveName": "second", "protectionGroupIds": ["pg-3"] },
    ] });
    let plan = create(&lab, given).await.unwrap();
    let digits = plan.plan_id.strip_prefix("rp-").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{digits}");
    let row = json!({ "planId": plan.plan_id, "planName": "all", "version": 1, "createdAt": NOW,
        "lastUpdated": NOW, "waves": [
        { "waveNumber": 1, "waveName": "first", "protectionGroupIds": ["pg-2", "pg-1"] },
        { "waveNumber": 2, "waveName": "second", "protectionGroupIds": ["pg-3"] },
    ] });
    assert_eq!(rows(&lab).await, [row]);
    let turned = json!([plan.waves[1], plan.waves[0]]);
    let plan = update(&lab, &plan.plan_id, json!({ "waves": turned })).await.unwrap();
    let order: Vec<_> = plan.waves.iter().map(|w| (w.wave_number, w.wave_name.as_str())).collect();
    assert_eq!(order, [(1, "second"), (2, "first")]);
}

#[tokio::test]
async fn plans_that_cannot_be_are_refused_by_name() {
    let lab = lab().await;
    named(&lab, "All", &[&["pg-1"]]).await.unwrap();
    let long = "x".repeat(10_000);
    for (name, groups, parameter) in [
        ("", vec![&["pg-1"][..]], "planName"),
        ("a\u{7}", vec![&["pg-1"]], "planName"),
        (long.as_str(), vec![&["pg-1"]], "planName"),
        ("x", vec![], "waves"),
        ("x", vec![&[]], "protectionGroupIds"),
        ("x", vec![&["pg-1"], &["pg-9"]], "protectionGroupIds"),
        ("x", vec![&[""]], "protectionGroupIds"),
        ("x", vec![&[long.as_str()]], "protectionGroupIds"),
        ("x", vec![&["pg-1", "pg-1"]], "protectionGroupIds"),
        ("x", vec![&["pg-1"], &["pg-1"]], "protectionGroupIds"),
    ] {
        let error = named(&lab, name, &groups).await.unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, ManageError::Invalid { name, .. } if name == parameter), "{text}");
        assert!(text.len() < 1000 && !text.contains(char::is_control), "{text}");
    }
    let unknown = named(&lab, "x", &[&["pg-1"], &["pg-9"]]).await.unwrap_err().to_string();
    assert!(unknown.contains("pg-9"), "{unknown}");
    let taken = named(&lab, "aLL", &[&["pg-1"]]).await.unwrap_err();
    assert!(matches!(taken, ManageError::AlreadyExists { .. }), "{taken}");
    for wave in [json!({ "waveName": "w\n", "protectionGroupIds": ["pg-1"] })] {
        let error = create(&lab, json!({ "planName": "x", "waves": [wave] })).await.unwrap_err();
        assert!(matches!(error, ManageError::Invalid { name: "waveName", .. }), "{error}");
    }
    assert_eq!(rows(&lab).await.len(), 1);
    for event in [
        json!({ "planName": "x", "waves": waves(&[&["pg-1"]]), "owner": "a" }),
        json!({ "planName": "x", "waves": [{ "waveName": "w", "groups": [] }] }),
        json!({ "planName": "x" }),
    ] {
        assert!(serde_json::from_value::<NewPlan>(event).is_err());
    }
}

#[tokio::test]
async fn an_update_keeps_what_is_not_known_and_refuses_an_old_version() {
    let lab = lab().await;
    let plan = named(&lab, "all", &[&["pg-1"]]).await.unwrap();
    let id = &plan.plan_id;
    let mut row = rows(&lab).await.remove(0);
    row["owner"] = json!("team-a");
    lab.put(&lab.plans(), &row).await;
    let changed = json!({ "description": "d", "version": 1 });
    assert_eq!(update(&lab, id, changed.clone()).await.unwrap().version, 2);
    let old = update(&lab, id, changed).await.unwrap_err();
    assert!(matches!(old, ManageError::Contended { .. }), "{old}");
    row["description"] = json!("d");
    row["version"] = json!(2);
    row["lastUpdated"] = json!(LATER);
    assert_eq!(rows(&lab).await, [row.clone()]);
    let unknown = update(&lab, id, json!({ "waves": waves(&[&["pg-9"]]) })).await.unwrap_err();
    assert!(unknown.to_string().contains("pg-9"), "{unknown}");
    assert_eq!(rows(&lab).await, [row]);
    delete_recovery_plan(&lab.plans(), id).await.unwrap();
    for missing in [
        delete_recovery_plan(&lab.plans(), id).await,
        get_recovery_plan(&lab.plans(), id).await.map(drop),
        update(&lab, id, json!({})).await.map(drop),
    ] {
        assert!(matches!(missing, Err(ManageError::NotFound { .. })), "{missing:?}");
    }
}

#[tokio::test]
async fn a_group_in_a_plan_cannot_be_deleted() {
    let lab = lab().await;
    let plan = named(&lab, "all", &[&["pg-1"], &["pg-2"]]).await.unwrap();
    let delete = async |id: &str| delete_protection_group(&lab.groups(), &lab.plans(), id).await;
    let error = delete("pg-2").await.unwrap_err();
    assert!(matches!(error, ManageError::InUse { .. }), "{error}");
    let text = error.to_string();
    for part in ["pg-2", "all", plan.plan_id.as_str()] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(scan(&lab.groups()).await.len(), 3);
    delete("pg-3").await.unwrap();
    update(&lab, &plan.plan_id, json!({ "waves": waves(&[&["pg-1"]]) })).await.unwrap();
    delete("pg-2").await.unwrap();
    assert_eq!(scan(&lab.groups()).await.len(), 1);
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_still_holds_its_groups() {
    let lab = lab().await;
    let broken = json!({ "planId": "broken", "planName": "all", "version": "one", "waves": [
        "no wave", { "protectionGroupIds": "pg-2" }, { "owner": 7, "protectionGroupIds": ["pg-1"] },
    ] });
    lab.put(&lab.plans(), &broken).await;
    let delete = async |id: &str| delete_protection_group(&lab.groups(), &lab.plans(), id).await;
    let held = delete("pg-1").await.unwrap_err();
    assert!(matches!(held, ManageError::InUse { what: "protection group", .. }), "{held}");
    delete("pg-2").await.unwrap();
    let unread = update(&lab, "broken", json!({ "description": "d" })).await.unwrap_err();
    assert!(matches!(unread, ManageError::Unreadable { .. }), "{unread}");
    assert_eq!(rows(&lab).await, [broken]);
    delete_recovery_plan(&lab.plans(), "broken").await.unwrap();
    delete("pg-1").await.unwrap();
}

#[tokio::test]
async fn of_changes_at_the_same_time_none_is_lost() {
    let lab = lab().await;
    let plan = named(&lab, "all", &[&["pg-1"]]).await.unwrap();
    let changes =
        (0..8).map(|n| update(&lab, &plan.plan_id, json!({ "planName": format!("{n}") })));
    let results = join_all(changes).await;
    let written = results.iter().flatten().count() as u64;
    let row = rows(&lab).await.remove(0);
    assert_eq!(row["version"], 1 + written, "{results:?}");
    let last = results.iter().flatten().max_by_key(|plan| plan.version).unwrap();
    assert_eq!(row["planName"], last.plan_name);
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(error, ManageError::Contended { .. }), "{error}");
    }
}

#[tokio::test]
async fn of_plans_created_at_the_same_time_none_share_a_name() {
    let lab = lab().await;
    let names = ["all", "ALL", "All", "aLL"];
    let results = join_all(names.map(|name| named(&lab, name, &[&["pg-1"]]))).await;
    let kept = results.iter().flatten().count();
    assert!(kept <= 1, "{results:?}");
    assert_eq!(rows(&lab).await.len(), kept, "{results:?}");
}

/// Whichever comes first: the plan is refused, or the group stays.
#[tokio::test]
async fn a_plan_made_while_its_group_is_deleted_names_no_ghost() {
    for _ in 0..20 {
        let lab = lab().await;
        let (groups, plans) = (lab.groups(), lab.plans());
        let (made, deleted) = tokio::join!(
            named(&lab, "all", &[&["pg-1"]]),
            delete_protection_group(&groups, &plans, "pg-1"),
        );
        let groups = scan(&groups).await.len();
        assert_eq!(rows(&lab).await.len(), usize::from(made.is_ok()), "{made:?} {deleted:?}");
        assert_eq!(groups, 3 - usize::from(deleted.is_ok()), "{made:?} {deleted:?}");
        assert!(made.is_err() || deleted.is_err(), "{made:?} {deleted:?}");
    }
}
