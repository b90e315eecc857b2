//! What the types of a world cannot say.

use serde_json::Value;

use super::organization::Organization;
use super::{Account, Fault, World};

/// Path and reason.
type Wrong = (String, String);

pub(super) fn check(world: &World) -> Result<(), Wrong> {
    account_id("hubAccountId", &world.hub_account_id)?;
    for (position, item) in world.target_accounts.iter().enumerate() {
        let path = format!("targetAccounts[{position}].accountId");
        let id = item.get("accountId").and_then(|id| id.as_str());
        let id = id.ok_or_else(|| (path.clone(), "expected a string of 12 digits".to_owned()))?;
        account_id(&path, id)?;
    }
    for (id, account) in &world.accounts {
        account_id(&format!("accounts.{id}"), id)?;
        check_account(&format!("accounts.{id}"), account)?;
    }
    world.organization.as_ref().map_or(Ok(()), check_organization)
}

fn check_organization(organization: &Organization) -> Result<(), Wrong> {
    account_id("organization.managementAccountId", &organization.management_account_id)?;
    for (position, account) in organization.accounts.iter().enumerate() {
        account_id(&format!("organization.accounts[{position}].id"), &account.id)?;
    }
    if organization.page_size == Some(0) {
        return Err(("organization.pageSize".to_owned(), "expected 1 or more".to_owned()));
    }
    let Some(organization_fault) = &organization.fault else { return Ok(()) };
    fault("organization.fault", organization_fault)?;
    no_operation("organization.fault", organization_fault)
}

fn check_account(path: &str, account: &Account) -> Result<(), Wrong> {
    for (name, role) in &account.roles {
        let path = format!("{path}.roles.{name}.fault");
        let Some(role_fault) = &role.fault else { continue };
        fault(&path, role_fault)?;
        no_operation(&path, role_fault)?;
        if role_fault.after_pages.is_some() {
            let reason = "a role has no pages; use count".to_owned();
            return Err((format!("{path}.afterPages"), reason));
        }
    }
    for (region, drs) in &account.drs {
        let path = format!("{path}.drs.{region}");
        if drs.page_size == Some(0) {
            return Err((format!("{path}.pageSize"), "expected 1 or more".to_owned()));
        }
        objects(&format!("{path}.sourceServers"), &drs.source_servers)?;
        objects(&format!("{path}.recoveryInstances"), &drs.recovery_instances)?;
        objects(&format!("{path}.jobs"), &drs.jobs)?;
        let Some(drs_fault) = &drs.fault else { continue };
        fault(&format!("{path}.fault"), drs_fault)?;
    }
    for (region, ec2) in &account.ec2 {
        let path = format!("{path}.ec2.{region}.fault");
        let Some(ec2_fault) = &ec2.fault else { continue };
        fault(&path, ec2_fault)?;
        no_operation(&path, ec2_fault)?;
    }
    let regions_fault = account.regions.as_ref().and_then(|regions| regions.fault.as_ref());
    let Some(regions_fault) = regions_fault else { return Ok(()) };
    let path = format!("{path}.regions.fault");
    fault(&path, regions_fault)?;
    no_operation(&path, regions_fault)
}

fn objects(path: &str, members: &[Value]) -> Result<(), Wrong> {
    match members.iter().position(|member| !member.is_object()) {
        Some(position) => Err((format!("{path}[{position}]"), "expected an object".to_owned())),
        None => Ok(()),
    }
}

fn no_operation(path: &str, fault: &Fault) -> Result<(), Wrong> {
    if fault.operation.is_none() {
        return Ok(());
    }
    let reason = "only faults of DRS name an operation".to_owned();
    Err((format!("{path}.operation"), reason))
}

fn account_id(path: &str, id: &str) -> Result<(), Wrong> {
    if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err((path.to_owned(), format!("{id:?} is no account id; expected 12 digits")))
}

/// It has to fit into a header.
fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| b.is_ascii_graphic())
}

fn fault(path: &str, fault: &Fault) -> Result<(), Wrong> {
    let an_error = fault.status.is_some() || fault.code.is_some() || fault.message.is_some();
    match (fault.connection, fault.status, &fault.code) {
        (Some(_), ..) if an_error => {
            Err((path.to_owned(), "expected an error or a connection, not both".to_owned()))
        }
        (Some(_), ..) => Ok(()),
        (None, Some(400..=599), Some(code)) if !is_code(code) => {
            Err((format!("{path}.code"), format!("{code:?} is no error code; expected one word")))
        }
        (None, Some(400..=599), Some(_)) => Ok(()),
        (None, Some(status), Some(_)) => {
            Err((format!("{path}.status"), format!("{status} is no error; expected 400 to 599")))
        }
        _ => Err((path.to_owned(), "expected status and code, or connection".to_owned())),
    }
}
