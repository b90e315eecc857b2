//! `accounts update`: changes a target account, and leaves what is not given.

use anyhow::ensure;
use inventory::accounts::{AccountChanges, update_target_account};
use model::ExternalId;
use store::tables::get_target_accounts_table;

use crate::args::UpdateAccountArgs;
use crate::exit;
use crate::render::note;
use crate::setup::Setup;
use crate::store::open_existing;

pub(super) async fn run(setup: &Setup, args: UpdateAccountArgs) -> anyhow::Result<u8> {
    let UpdateAccountArgs { account_id, name, role_arn, external_id } = args;
    let given = name.is_some() || role_arn.is_some() || external_id.is_some();
    ensure!(
        given,
        "nothing to change: give --name, --role-arn, --external-id or DRS_INVENTORY_EXTERNAL_ID"
    );
    let opened = open_existing(setup).await?;
    let changes = AccountChanges {
        account_name: name.map(Some),
        role_arn: role_arn.map(Some),
        external_id: external_id.map(ExternalId::new).map(Some),
    };
    update_target_account(&get_target_accounts_table(&opened)?, &account_id, &changes, None)
        .await?;
    note(&format!("updated {account_id}"));
    Ok(exit::OK)
}
