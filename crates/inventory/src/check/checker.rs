//! What the steps of a check share.

use std::collections::{BTreeMap, BTreeSet};

use aws::Aws;
use model::MemberRole;
use store::tables::AccountRegionStatusTable;
use sync::Settings;
use sync::credentials::{CredentialsCache, Hub};

pub(super) struct Checker<'a> {
    pub(super) aws: &'a Aws,
    pub(super) hub: &'a Hub,
    pub(super) settings: &'a Settings,
    pub(super) credentials: CredentialsCache,
    pub(super) member_role: MemberRole,
    /// Target and staging accounts.
    pub(super) listed: BTreeSet<String>,
    /// The target account of each staging account that is no target itself.
    pub(super) staging_of: BTreeMap<String, String>,
    pub(super) ledger: AccountRegionStatusTable,
}

impl Checker<'_> {
    pub(super) fn is_listed(&self, account_id: &str) -> bool {
        self.listed.contains(account_id) || account_id == self.hub.account_id
    }

    /// The command that gives an account the installation's role.
    pub(super) fn give_role(&self, account_id: &str) -> String {
        let role = self.member_role.name.arn(&self.hub.partition, account_id);
        self.changed(account_id, &format!(" --role-arn {role}"))
    }

    /// The command that gives an account the installation's external id.
    pub(super) fn give_external_id(&self, account_id: &str) -> String {
        let command = self.changed(account_id, "");
        format!(
            "the external id in the accounts table is wrong: with DRS_INVENTORY_EXTERNAL_ID set to the installation's, {command}"
        )
    }

    /// A staging account is no row of its own: it is added anew.
    fn changed(&self, account_id: &str, options: &str) -> String {
        match self.staging_of.get(account_id) {
            None => format!("run drs-inventory accounts update {account_id}{options}"),
            Some(target) => {
                let role = self.member_role.name.arn(&self.hub.partition, account_id);
                let options = match options.is_empty() {
                    true => format!(" --role-arn {role}"),
                    false => options.to_owned(),
                };
                format!(
                    "run drs-inventory accounts remove {account_id} --staging-of {target}, then drs-inventory accounts add {account_id} --staging-of {target}{options}"
                )
            }
        }
    }
}
