//! Entering an account: its role, and its external id.

use aws::AccountSession;
use model::{AccountToQuery, ExternalId, Failure, Listing, RegionStatus};
use sync::credentials::{get_account_credentials, get_cross_account_session};

use super::checker::Checker;
use super::mend::Mend;
use super::step::Step;

const ROLE: &str = "assume the role";
const EXTERNAL_ID: &str = "the role asks for the external id";
const OTHER_LISTING: &str = "the other rows of the account";

/// What came of entering an account.
pub(super) struct Entered {
    pub(super) session: Option<AccountSession>,
    /// Of the role that was assumed, else of the first one; empty where no row names one.
    pub(super) role_arn: String,
    pub(super) steps: Vec<Step>,
}

/// Tries the rows that list the account, in the order of a sync, until one lets in.
pub(super) async fn enter(checker: &Checker<'_>, account: &AccountToQuery) -> Entered {
    let id = &account.account_id;
    if *id == checker.hub.account_id {
        return own_account(checker, account).await;
    }
    let mut refused = Vec::new();
    for listing in &account.listings {
        let only = AccountToQuery { account_id: id.clone(), listings: vec![listing.clone()] };
        let entered =
            get_account_credentials(checker.aws, &checker.credentials, checker.hub, &only).await;
        let mend = mend(checker, id, listing);
        match entered {
            Ok(session) => {
                let mut steps = vec![Step::ok(ROLE, mend.role_arn)];
                steps.push(is_asked_for(checker, listing, &mend).await);
                steps.extend(refused.first().cloned());
                let role_arn = mend.role_arn.to_owned();
                return Entered { session: Some(session), role_arn, steps };
            }
            Err(failure) => {
                let Step { found, change, .. } = why_not(checker, listing, &mend, &failure).await;
                let change = change.unwrap_or_default();
                refused.push(Step::optional(OTHER_LISTING, found, change));
            }
        }
    }
    let first = refused.into_iter().next();
    let Step { found, change, .. } =
        first.unwrap_or_else(|| Step::optional(ROLE, "no row lists it", String::new()));
    let role = Step::failed(ROLE, found, change.unwrap_or_default());
    let role_arn = account.listings.iter().find_map(|listing| listing.role_arn.clone());
    let steps = vec![role, Step::not_reached(EXTERNAL_ID)];
    Entered { session: None, role_arn: role_arn.unwrap_or_default(), steps }
}

async fn own_account(checker: &Checker<'_>, account: &AccountToQuery) -> Entered {
    let entered =
        get_account_credentials(checker.aws, &checker.credentials, checker.hub, account).await;
    let own = "the sync's own account needs no role";
    match entered {
        Ok(session) => {
            let steps = vec![Step::ok(ROLE, own), Step::ok(EXTERNAL_ID, own)];
            Entered { session: Some(session), role_arn: String::new(), steps }
        }
        Err(failure) => {
            let found = format!("{}: {}", failure.code, failure.message);
            let steps =
                vec![Step::failed(ROLE, found, failure.advice), Step::not_reached(EXTERNAL_ID)];
            Entered { session: None, role_arn: String::new(), steps }
        }
    }
}

fn mend<'a>(checker: &Checker<'a>, account_id: &'a str, listing: &'a Listing) -> Mend<'a> {
    let role_arn = listing.role_arn.as_deref().unwrap_or_default();
    Mend { account_id, role_arn, hub: checker.hub }
}

/// A role that is assumed without one can be assumed through any other customer of the hub: the
/// confused deputy.
async fn is_asked_for(checker: &Checker<'_>, listing: &Listing, mend: &Mend<'_>) -> Step {
    let demand = format!(
        "let the trust policy of {} ask for sts:ExternalId, as infra/member-account.yaml does",
        mend.role_arn
    );
    if listing.external_id.is_none() {
        let found = "the accounts table has no external id for it";
        let change = format!("{demand}, and give the account that one");
        return Step::optional(EXTERNAL_ID, found, change);
    }
    match assume(checker, mend.role_arn, None).await {
        Ok(()) => Step::optional(EXTERNAL_ID, "the role can be assumed without it, too", demand),
        Err(failure) if is_denial(&failure) => {
            Step::ok(EXTERNAL_ID, "right, and refused without it")
        }
        // Nobody knows: STS did not say that it refuses.
        Err(failure) => {
            let found =
                format!("right; whether it is needed: {}: {}", failure.code, failure.message);
            Step::optional(EXTERNAL_ID, found, failure.advice)
        }
    }
}

fn is_denial(failure: &Failure) -> bool {
    failure.status == RegionStatus::IamPermissionDenied
}

/// STS says only that it refuses; another external id tells more.
async fn why_not(
    checker: &Checker<'_>,
    listing: &Listing,
    mend: &Mend<'_>,
    failure: &Failure,
) -> Step {
    let found = format!("{}: {}", failure.code, failure.message);
    if !is_denial(failure) {
        let of_the_row = ["NoRole", "InvalidRoleArn", "RoleOfOtherAccount"];
        let change = match of_the_row.contains(&failure.code.as_str()) {
            true => checker.give_role(mend.account_id),
            false => failure.advice.clone(),
        };
        return Step::failed(ROLE, found, change);
    }
    let installation = checker.member_role.external_id.as_ref();
    let is_other = installation.is_some() && installation != listing.external_id.as_ref();
    if is_other && assume(checker, mend.role_arn, installation).await.is_ok() {
        let found = format!(
            "{found}; with the installation's external id (DEFAULT_EXTERNAL_ID) it is allowed"
        );
        return Step::failed(ROLE, found, checker.give_external_id(mend.account_id));
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
