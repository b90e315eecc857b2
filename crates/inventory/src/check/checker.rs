//! What the steps of a check share.

use std::collections::BTreeSet;

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
    pub(super) ledger: AccountRegionStatusTable,
}

impl Checker<'_> {
    pub(super) fn is_listed(&self, account_id: &str) -> bool {
        self.listed.contains(account_id) || account_id == self.hub.account_id
    }
}
