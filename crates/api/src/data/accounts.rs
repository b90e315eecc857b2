//! Target and staging accounts.

use inventory::accounts::{
    NewAccount, add_staging_account, add_target_account, remove_staging_account,
    remove_target_account, update_target_account,
};
use serde_json::json;

use super::Data;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::parameters::{NewStagingAccount, OneAccount, StagingAccount, UpdateAccount};

impl Data {
    pub(crate) async fn add_account(
        &self,
        account: NewAccount,
        hub: Option<&str>,
    ) -> Result<Answer, Failure> {
        add_target_account(&self.accounts_table()?, &account, hub).await?;
        Ok(Answer::Created(json!({ "accountId": account.account_id })))
    }

    pub(crate) async fn update_account(
        &self,
        asked: UpdateAccount,
        hub: Option<&str>,
    ) -> Result<Answer, Failure> {
        let (account_id, changes) = asked.id_and_changes();
        update_target_account(&self.accounts_table()?, &account_id, &changes, hub).await?;
        Ok(Answer::Object(json!({ "accountId": account_id })))
    }

    pub(crate) async fn delete_account(&self, asked: OneAccount) -> Result<Answer, Failure> {
        remove_target_account(&self.accounts_table()?, &asked.account_id).await?;
        Ok(Answer::Object(json!({ "accountId": asked.account_id })))
    }

    pub(crate) async fn add_staging_account(
        &self,
        asked: NewStagingAccount,
        hub: Option<&str>,
    ) -> Result<Answer, Failure> {
        let (target, account) = asked.target_and_account();
        add_staging_account(&self.accounts_table()?, &target, &account, hub).await?;
        let ids = json!({ "targetAccountId": target, "accountId": account.account_id });
        Ok(Answer::Created(ids))
    }

    pub(crate) async fn remove_staging_account(
        &self,
        asked: StagingAccount,
    ) -> Result<Answer, Failure> {
        let StagingAccount { target_account_id, account_id } = asked;
        remove_staging_account(&self.accounts_table()?, &target_account_id, &account_id).await?;
        let ids = json!({ "targetAccountId": target_account_id, "accountId": account_id });
        Ok(Answer::Object(ids))
    }
}
