//! The role through which an account is entered, where its listing names one that can be right.

use model::role_arn::role_account;
use model::{ExternalId, Failure, Listing};

use super::failure::own_failure;

/// A role and what its trust policy asks for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) external_id: Option<ExternalId>,
}

impl Role {
    /// The role of the listing, where it is one of the account.
    pub(super) fn of(account_id: &str, listing: &Listing) -> Result<Self, Failure> {
        if let Some(problem) = &listing.problem {
            return Err(own_failure("InvalidAccount", problem, "correct the row of the account"));
        }
        let Some(arn) = &listing.role_arn else {
            return Err(own_failure(
                "NoRole",
                "the account has no roleArn",
                "add the role that the hub may assume in this account",
            ));
        };
        match role_account(arn) {
            Some(owner) if owner == account_id => {
                Ok(Self { arn: arn.clone(), external_id: listing.external_id.clone() })
            }
            Some(owner) => Err(own_failure(
                "RoleOfOtherAccount",
                &format!("the roleArn {arn} is of account {owner}"),
                "correct the roleArn of the account",
            )),
            None => Err(own_failure(
                "InvalidRoleArn",
                &format!("{arn:?} is no ARN of a role"),
                "correct the roleArn, as in arn:aws:iam::222222222222:role/DRSOrchestrationRole",
            )),
        }
    }
}
