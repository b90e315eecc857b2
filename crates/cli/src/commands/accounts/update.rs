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
    // Exported for other commands, it must not become that of an account whose name is changed.
    let of_environment = || setup.environment.get("DRS_INVENTORY_EXTERNAL_ID");
    let is_alone = name.is_none() && role_arn.is_none();
    let external_id = external_id.or_else(|| is_alone.then(of_environment).flatten());
    let given = !is_alone || external_id.is_some();
    ensure!(
        given,
        "nothing to change: give --name, --role-arn, --external-id or DRS_INVENTORY_EXTERNAL_ID"
    );
    let opened = open_existing(setup).await?;
    let changed = [
        ("name", name.is_some()),
        ("role", role_arn.is_some()),
        ("external id", external_id.is_some()),
    ];
    let changed: Vec<&str> = changed.iter().filter(|(_, is)| *is).map(|(what, _)| *what).collect();
    let changes = AccountChanges {
        account_name: name.map(Some),
        role_arn: role_arn.map(Some),
        external_id: external_id.map(ExternalId::new).map(Some),
    };
    update_target_account(&get_target_accounts_table(&opened)?, &account_id, &changes, None)
        .await?;
    note(&format!("updated {account_id}: {}", changed.join(", ")));
    Ok(exit::OK)
}
