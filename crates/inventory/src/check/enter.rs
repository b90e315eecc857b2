//! Entering an account: its role, and its external id.

use aws::AccountSession;
use model::{AccountToQuery, ExternalId, Failure};
use sync::credentials::{get_account_credentials, get_cross_account_session};

use super::checker::Checker;
use super::mend::Mend;
use super::step::Step;

const ROLE: &str = "assume the role";
const EXTERNAL_ID: &str = "the role asks for the external id";

/// The session, where there is one, and both steps.
pub(super) async fn enter(
    checker: &Checker<'_>,
    account: &AccountToQuery,
    mend: &Mend<'_>,
) -> (Option<AccountSession>, [Step; 2]) {
    let entered =
        get_account_credentials(checker.aws, &checker.credentials, checker.hub, account).await;
    match entered {
        Ok(session) if account.account_id == checker.hub.account_id => {
            let own = "the sync's own account needs no role";
            (Some(session), [Step::ok(ROLE, own), Step::ok(EXTERNAL_ID, own)])
        }
        Ok(session) => {
            let role = Step::ok(ROLE, mend.role_arn);
            let external_id = is_asked_for(checker, account, mend).await;
            (Some(session), [role, external_id])
        }
        Err(failure) => {
            let role = why_not(checker, account, mend, &failure).await;
            (None, [role, Step::not_reached(EXTERNAL_ID)])
        }
    }
}

fn external_id(account: &AccountToQuery) -> Option<&ExternalId> {
    account.listings.iter().find_map(|listing| listing.external_id.as_ref())
}

/// A role that is assumed without one can be assumed through any other customer of the hub: the
/// confused deputy.
async fn is_asked_for(checker: &Checker<'_>, account: &AccountToQuery, mend: &Mend<'_>) -> Step {
    let demand = format!(
        "let the trust policy of {} ask for sts:ExternalId, as infra/member-account.yaml does",
        mend.role_arn
    );
    if external_id(account).is_none() {
        let found = "the accounts table has no external id for it";
        return Step::optional(
            EXTERNAL_ID,
            found,
            format!("{demand}, and give the account that one"),
        );
    }
    match assume(checker, mend.role_arn, None).await {
        Ok(()) => Step::optional(EXTERNAL_ID, "the role can be assumed without it, too", demand),
        Err(_) => Step::ok(EXTERNAL_ID, "right, and refused without it"),
    }
}

/// STS says only that it refuses; other external ids tell more.
async fn why_not(
    checker: &Checker<'_>,
    account: &AccountToQuery,
    mend: &Mend<'_>,
    failure: &Failure,
) -> Step {
    let found = format!("{}: {}", failure.code, failure.message);
    if !failure.code.contains("AccessDenied") {
        let is_own =
            matches!(failure.code.as_str(), "NoRole" | "InvalidRoleArn" | "RoleOfOtherAccount");
        let change = match is_own {
            true => format!(
                "{}: drs-inventory accounts update {} --role-arn arn:{}:iam::{}:role/{}",
                failure.advice,
                account.account_id,
                checker.hub.partition,
                account.account_id,
                checker.member_role.name.as_str(),
            ),
            false => failure.advice.clone(),
        };
        return Step::failed(ROLE, found, change);
    }
    let id = &account.account_id;
    let installation = checker.member_role.external_id.as_ref();
    if installation != external_id(account)
        && assume(checker, mend.role_arn, installation).await.is_ok()
    {
        let found = format!(
            "{found}; with the installation's external id (DEFAULT_EXTERNAL_ID) it is allowed"
        );
        let change = format!(
            "the external id in the accounts table is wrong: with DRS_INVENTORY_EXTERNAL_ID set to the installation's, run drs-inventory accounts update {id}"
        );
        return Step::failed(ROLE, found, change);
    }
    Step::failed(ROLE, found, mend.trust())
}

async fn assume(
    checker: &Checker<'_>,
    role_arn: &str,
    external_id: Option<&ExternalId>,
) -> Result<(), Failure> {
    let sts = checker.aws.sts();
    get_cross_account_session(&sts, role_arn, external_id).await.map(drop)
}
