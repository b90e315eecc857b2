//! Adding and removing accounts.

use inventory::accounts::{
    AccountChanges, AccountError, NewAccount, add_staging_account, add_target_account,
    list_accounts, remove_staging_account, remove_target_account, update_target_account,
};
use model::ExternalId;
use serde_json::{Value, json};

use testing::*;

async fn lab() -> Lab {
    Lab::of(json!({ "hubAccountId": HUB })).await
}

fn account(id: &str) -> NewAccount {
    NewAccount {
        account_id: id.to_owned(),
        account_name: Some("payments".to_owned()),
        role_arn: Some(role_arn(id)),
        external_id: Some(ExternalId::new("the-external-id")),
    }
}

async fn rows(lab: &Lab) -> Vec<Value> {
    let items = list_accounts(&lab.accounts()).await.unwrap();
    items.into_iter().map(|item| serde_dynamo::from_item(item).unwrap()).collect()
}

#[tokio::test]
async fn what_is_added_is_listed_and_what_is_removed_is_not() {
    let lab = lab().await;
    let table = lab.accounts();
    add_target_account(&table, &account(MEMBER), None).await.unwrap();
    add_staging_account(&table, MEMBER, &account(OTHER), None).await.unwrap();
    let listed = rows(&lab).await;
    assert_eq!(listed[0]["stagingAccounts"][0]["roleArn"], role_arn(OTHER));
    remove_staging_account(&table, MEMBER, OTHER).await.unwrap();
    assert_eq!(rows(&lab).await[0]["stagingAccounts"], json!([]));
    remove_target_account(&table, MEMBER).await.unwrap();
    assert!(rows(&lab).await.is_empty());
}

#[tokio::test]
async fn attributes_that_are_not_known_stay() {
    let lab = lab().await;
    let row = json!({ "accountId": MEMBER, "owner": "team-a", "stagingAccounts": null });
    lab.put(&lab.accounts(), &row).await;
    add_staging_account(&lab.accounts(), MEMBER, &account(OTHER), None).await.unwrap();
    let listed = rows(&lab).await;
    assert_eq!(listed[0]["owner"], "team-a");
    assert_eq!(listed[0]["stagingAccounts"][0]["accountId"], OTHER);
}

#[tokio::test]
async fn members_that_are_no_list_are_not_overwritten() {
    let lab = lab().await;
    let row =
        json!({ "accountId": MEMBER, "stagingAccounts": "[{\"accountId\":\"444444444444\"}]" });
    lab.put(&lab.accounts(), &row).await;
    for result in [
        add_staging_account(&lab.accounts(), MEMBER, &account(OTHER), None).await,
        remove_staging_account(&lab.accounts(), MEMBER, "444444444444").await,
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(MEMBER) && error.contains("stagingAccounts"), "{error}");
    }
    let stored = store::get(&lab.accounts(), "accountId", MEMBER).await.unwrap();
    assert_eq!(serde_dynamo::from_item::<_, Value>(stored.unwrap()).unwrap(), row);
}

#[tokio::test]
async fn what_is_there_twice_or_not_at_all_is_said() {
    let lab = lab().await;
    let table = lab.accounts();
    add_target_account(&table, &account(MEMBER), None).await.unwrap();
    let again = add_target_account(&table, &account(MEMBER), None).await.unwrap_err();
    assert!(matches!(again, AccountError::AlreadyExists(id) if id == MEMBER));
    add_staging_account(&table, MEMBER, &account(OTHER), None).await.unwrap();
    let again = add_staging_account(&table, MEMBER, &account(OTHER), None).await.unwrap_err();
    assert!(matches!(again, AccountError::AlreadyExists(id) if id == OTHER));
    for missing in [
        remove_target_account(&table, HUB).await,
        remove_staging_account(&table, MEMBER, HUB).await,
        add_staging_account(&table, HUB, &account(OTHER), None).await,
    ] {
        assert!(matches!(missing, Err(AccountError::NotFound(id)) if id == HUB));
    }
}

#[tokio::test]
async fn wrong_input_is_named_and_changes_nothing() {
    let lab = lab().await;
    let with = |change: fn(&mut NewAccount)| {
        let mut account = account(MEMBER);
        change(&mut account);
        account
    };
    for (account, name) in [
        (with(|a| a.account_id = "2222".to_owned()), "account id"),
        (with(|a| a.role_arn = Some(role_arn(OTHER))), "role ARN"),
        (with(|a| a.role_arn = Some("DRSOrchestrationRole".to_owned())), "role ARN"),
        (with(|a| a.external_id = Some(ExternalId::new("a secret with spaces"))), "external id"),
        (with(|a| a.external_id = Some(ExternalId::new("x"))), "external id"),
    ] {
        let error =
            add_target_account(&lab.accounts(), &account, None).await.unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("expected"), "{error}");
        assert!(!error.contains("a secret"), "{error}");
    }
    assert!(rows(&lab).await.is_empty());
}

#[tokio::test]
async fn writers_at_the_same_time_lose_nothing_of_each_other() {
    let lab = lab().await;
    let table = lab.accounts();
    add_target_account(&table, &account(MEMBER), None).await.unwrap();
    let (third, fourth) = (account("333333333333"), account("444444444444"));
    let (a, b) = tokio::join!(
        add_staging_account(&table, MEMBER, &third, None),
        add_staging_account(&table, MEMBER, &fourth, None),
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(rows(&lab).await[0]["stagingAccounts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_update_changes_what_is_given_and_keeps_everything_else() {
    let lab = lab().await;
    let table = lab.accounts();
    let mut row = target(MEMBER);
    row["costCenter"] = json!(7);
    lab.put(&table, &row).await;
    let changes = AccountChanges {
        account_name: Some(Some("renamed".to_owned())),
        external_id: Some(None),
        ..AccountChanges::default()
    };
    update_target_account(&table, MEMBER, &changes, Some(HUB)).await.unwrap();
    let row = &rows(&lab).await[0];
    assert_eq!(row["accountName"], "renamed");
    assert_eq!(row["roleArn"], role_arn(MEMBER));
    assert!(row.get("externalId").is_none());
    assert_eq!(row["costCenter"], 7, "an unknown attribute");

    let missing = update_target_account(&table, OTHER, &changes, None).await.unwrap_err();
    assert!(matches!(missing, AccountError::NotFound(_)), "{missing}");
    let nothing = update_target_account(&table, MEMBER, &AccountChanges::default(), None).await;
    assert!(nothing.unwrap_err().to_string().contains("accountName"));
}

#[tokio::test]
async fn the_hub_has_no_role_and_a_target_is_no_staging_account_of_itself() {
    let lab = lab().await;
    let table = lab.accounts();
    let with_role = add_target_account(&table, &account(HUB), Some(HUB)).await.unwrap_err();
    assert!(with_role.to_string().contains("never assumed"), "{with_role}");
    add_target_account(&table, &account(MEMBER), Some(HUB)).await.unwrap();
    let role =
        AccountChanges { role_arn: Some(Some(role_arn(OTHER))), ..AccountChanges::default() };
    let of_another = update_target_account(&table, MEMBER, &role, Some(HUB)).await.unwrap_err();
    assert!(of_another.to_string().contains("role of this account"), "{of_another}");
    let itself = add_staging_account(&table, MEMBER, &account(MEMBER), None).await.unwrap_err();
    assert!(itself.to_string().contains("staging account"), "{itself}");
}
