//! Changes that mend what a check found, in words that can be carried out.

use sync::credentials::Hub;

/// The statement that lets a role do all that a sync asks of it.
pub(super) const ALLOW: &str = r#"{"Effect":"Allow","Action":["drs:DescribeSourceServers","ec2:DescribeInstances"],"Resource":"*"}"#;

/// The account that is to be mended, and who wants to enter it.
pub(super) struct Mend<'a> {
    pub(super) account_id: &'a str,
    pub(super) role_arn: &'a str,
    pub(super) hub: &'a Hub,
}

impl Mend<'_> {
    /// Where STS refuses, it does not say which of three things is wrong: this sets all three right.
    pub(super) fn trust(&self) -> String {
        let Self { account_id, role_arn, hub } = self;
        let (role, hub_account) = (self.role_name(), &hub.account_id);
        format!(
            "STS does not tell a role that is missing from one that does not trust these credentials or asks for another external id. In account {account_id}, make the role {role} with infra/member-account.yaml (HubAccountId={hub_account}, RoleName={role}, ExternalId=the one of the accounts table, HubRoleName as in the other accounts{}); or, where {role_arn} is there, let its trust policy allow sts:AssumeRole to the role of the sync and to {}, with sts:ExternalId as in the accounts table",
            self.operator(),
            hub.arn,
        )
    }

    /// Who checks need not be who syncs: the template lets in both.
    fn operator(&self) -> String {
        let session = self.hub.arn.split_once(":assumed-role/").map(|(_, session)| session);
        let role = session.and_then(|session| session.split('/').next());
        role.map(|role| format!(", OperatorRoleName={role}")).unwrap_or_default()
    }

    /// Of an action that the role's policy lacks.
    pub(super) fn policy(&self) -> String {
        let role = self.role_name();
        format!(
            "in account {}, add this statement to a policy of the role {role} (infra/member-account.yaml has it), and look for a permission boundary that leaves it out: {ALLOW}",
            self.account_id
        )
    }

    /// Of an action that a sync can do without.
    pub(super) fn optional_policy(&self, actions: &str) -> String {
        format!("in account {}, allow {actions} to the role {}", self.account_id, self.role_name())
    }

    fn role_name(&self) -> &str {
        let name = self.role_arn.rsplit('/').next().unwrap_or_default();
        if name.is_empty() { "of the sync" } else { name }
    }
}
