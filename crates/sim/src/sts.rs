//! STS: the query protocol, `GetCallerIdentity` and `AssumeRole`.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::keys::{Keys, Session};
use crate::query::Query;
use crate::reply::{Reply, STS_NAMESPACE};
use crate::world::{Role, World};

/// Who calls.
pub(crate) struct Caller {
    pub(crate) account: String,
    arn: String,
}

impl Caller {
    pub(crate) fn hub(world: &World) -> Self {
        let account = world.hub_account_id.clone();
        let arn = format!("arn:aws:iam::{account}:user/hub");
        Self { account, arn }
    }

    /// Whose key another AWS handed out.
    pub(crate) fn elsewhere(account: String) -> Self {
        let arn = format!("arn:aws:iam::{account}:root");
        Self { account, arn }
    }

    pub(crate) fn session(session: &Session) -> Self {
        let Session { account, role, session_name, .. } = session;
        let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session_name}");
        Self { account: account.clone(), arn }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Identity<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    get_caller_identity_result: IdentityResult<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct IdentityResult<'a> {
    arn: &'a str,
    user_id: &'static str,
    account: &'a str,
}

pub(crate) fn get_caller_identity(caller: &Caller) -> Reply {
    let (arn, account) = (caller.arn.as_str(), caller.account.as_str());
    let result = IdentityResult { arn, user_id: "AIDASIMULATED0000000", account };
    let document = Identity { namespace: STS_NAMESPACE, get_caller_identity_result: result };
    Reply::xml("GetCallerIdentityResponse", &document)
}

/// A request for a role, as far as its form goes.
pub(crate) struct RoleRequest {
    arn: String,
    /// The account of the role.
    pub(crate) account: String,
    /// The name of the role, without its path.
    pub(crate) role: String,
    session_name: String,
    external_id: Option<String>,
    duration: u32,
}

impl RoleRequest {
    pub(crate) fn parse(query: &Query) -> Result<Self, Reply> {
        let arn = query.get("RoleArn").unwrap_or_default();
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let (account, role) = match parts[..] {
            ["arn", _, "iam", "", account, resource] => (account, resource.strip_prefix("role/")),
            _ => ("", None),
        };
        let role = role.and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
        let role = role.ok_or_else(|| invalid(&format!("{arn} is invalid")))?;
        let session_name = query.get("RoleSessionName").unwrap_or_default();
        if !is_session_name(session_name) {
            return Err(invalid("roleSessionName must be 2 to 64 characters of [\\w+=,.@-]"));
        }
        let duration = match query.get("DurationSeconds").map(str::parse) {
            None => 3600,
            Some(Ok(seconds @ 900..=43200)) => seconds,
            Some(_) => return Err(invalid("durationSeconds must be from 900 to 43200")),
        };
        Ok(Self {
            arn: arn.to_owned(),
            account: account.to_owned(),
            role: role.to_owned(),
            session_name: session_name.to_owned(),
            external_id: query.get("ExternalId").map(str::to_owned),
            duration,
        })
    }

    /// The role of the world that is asked for.
    pub(crate) fn find<'a>(&self, world: &'a World) -> Option<&'a Role> {
        world.accounts.get(&self.account)?.roles.get(&self.role)
    }
}

fn is_session_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (2..=64).contains(&name.len()) && name.chars().all(allowed)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed<'a> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    assume_role_result: AssumedResult<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedResult<'a> {
    credentials: Credentials<'a>,
    assumed_role_user: AssumedRoleUser,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    expiration: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    arn: String,
    assumed_role_id: String,
}

pub(crate) fn assume_role(
    keys: &mut Keys,
    caller: &Caller,
    role: Option<&Role>,
    request: &RoleRequest,
) -> Reply {
    let trusted = role.is_some_and(|role| match &role.external_id {
        None => true,
        wanted => request.external_id == *wanted,
    });
    if !trusted {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
            caller.arn, request.arn
        );
        return Reply::error(403, "AccessDenied", message);
    }
    let RoleRequest { account, role, session_name, duration, .. } = request;
    let good_for = Duration::from_secs((*duration).into());
    let key = keys.hand_out(account, role, session_name, good_for);
    let expiration = Timestamp::now().saturating_add(i64::from(*duration).seconds());
    let credentials = Credentials {
        access_key_id: &key.access_key,
        secret_access_key: &key.secret_key,
        session_token: &key.token,
        expiration: expiration
            .map(|time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default(),
    };
    let assumed_role_user = AssumedRoleUser {
        arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session_name}"),
        assumed_role_id: format!("AROASIMULATED0000000:{session_name}"),
    };
    let assume_role_result = AssumedResult { credentials, assumed_role_user };
    Reply::xml("AssumeRoleResponse", &Assumed { namespace: STS_NAMESPACE, assume_role_result })
}

fn invalid(message: &str) -> Reply {
    Reply::error(400, "ValidationError", message)
}
