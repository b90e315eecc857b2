//! Target and staging accounts.

use inventory::accounts::{
    NewAccount, add_staging_account, add_target_account, remove_staging_account,
    remove_target_account, update_target_account,
};

use super::Data;
use crate::answer::Created;
use crate::answers::{ChangedAccount, ChangedStagingAccount};
use crate::failure::Failure;
use crate::parameters::{NewStagingAccount, OneAccount, StagingAccount, UpdateAccount};

impl Data {
    pub(crate) async fn add_account(
        &self,
        account: NewAccount,
        hub: Option<&str>,
    ) -> Result<Created<ChangedAccount>, Failure> {
        add_target_account(&self.accounts_table()?, &account, hub).await?;
        Ok(Created(ChangedAccount { account_id: account.account_id }))
    }

    pub(crate) async fn update_account(
        &self,
        asked: UpdateAccount,
        hub: Option<&str>,
    ) -> Result<ChangedAccount, Failure> {
        let (account_id, changes) = asked.id_and_changes();
        update_target_account(&self.accounts_table()?, &account_id, &changes, hub).await?;
        Ok(ChangedAccount { account_id })
    }

    pub(crate) async fn delete_account(
        &self,
        asked: OneAccount,
    ) -> Result<ChangedAccount, Failure> {
        remove_target_account(&self.accounts_table()?, &asked.account_id).await?;
        Ok(ChangedAccount { account_id: asked.account_id })
    }

    pub(crate) async fn add_staging_account(
        &self,
        asked: NewStagingAccount,
        hub: Option<&str>,
    ) -> Result<Created<ChangedStagingAccount>, Failure> {
        let (target, account) = asked.target_and_account();
        add_staging_account(&self.accounts_table()?, &target, &account, hub).await?;
        let NewAccount { account_id, .. } = account;
        Ok(Created(ChangedStagingAccount { target_account_id: target, account_id }))
    }

    pub(crate) async fn remove_staging_account(
        &self,
        asked: StagingAccount,
    ) -> Result<ChangedStagingAccount, Failure> {
        let StagingAccount { target_account_id, account_id } = asked;
        remove_staging_account(&self.accounts_table()?, &target_account_id, &account_id).await?;
        Ok(ChangedStagingAccount { target_account_id, account_id })
    }
}
