//! From a request to the service that answers it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use tokio::time::Instant;

use super::{State, latency};
use crate::keys::KeyCheck;
use crate::query::Query;
use crate::recorder::{Call, Outcome, Service};
use crate::reply::Reply;
use crate::signature::{Scope, scope_of};
use crate::sts::{Caller, RoleRequest};
use crate::world::World;
use crate::{account, drs, ec2, organizations, sts};

/// A call that can be recorded, and then answered.
pub(super) struct Question {
    pub(super) service: Service,
    pub(super) latency: Duration,
    world: Arc<World>,
    region: String,
    operation: String,
    /// Who calls; or the error its key gets.
    caller: Result<Caller, Reply>,
    wanted: Wanted,
}

enum Wanted {
    Drs(Result<drs::Wanted, Reply>),
    Ec2(Result<ec2::Wanted, Reply>),
    Identity,
    Role(Result<RoleRequest, Reply>),
    Organization(Result<organizations::Wanted, Reply>),
    Regions,
    Unknown,
}

impl Question {
    pub(super) fn of(state: &State, head: &Parts, body: &[u8]) -> Result<Self, (Service, Reply)> {
        let scope = scope_of(&head.headers).ok_or_else(|| {
            let message = "The request is not signed with AWS Signature Version 4";
            (Service::Drs, Reply::error(403, "MissingAuthenticationToken", message))
        })?;
        let service = Service::from_name(&scope.service).ok_or_else(|| {
            let message = format!("the service {:?} is not simulated", scope.service);
            (Service::Drs, Reply::error(400, "UnknownService", message))
        })?;
        let (world, caller) = identify(state, head, &scope, service);
        let latency = latency(&world, service);
        let account = caller.as_ref().map(|caller| caller.account.as_str()).unwrap_or_default();
        let (operation, wanted) = parse(&world, service, account, &scope.region, head, body);
        Ok(Self { service, latency, world, region: scope.region, operation, caller, wanted })
    }

    pub(super) fn call(&self, started: Instant) -> Call {
        let caller = self.caller.as_ref().map(|caller| caller.account.clone());
        let account = match &self.wanted {
            Wanted::Role(Ok(request)) => request.account.clone(),
            _ => caller.unwrap_or_default(),
        };
        Call {
            service: self.service,
            operation: self.operation.clone(),
            account,
            region: self.region.clone(),
            ids: if let Wanted::Ec2(Ok(wanted)) = &self.wanted { wanted.id_count() } else { 0 },
            started,
            took: None,
            outcome: Outcome::UnderWay,
        }
    }

    pub(super) fn reply(self, state: &State) -> Reply {
        let Self { world, region, caller, wanted, operation, .. } = self;
        self::answer(state, &world, &region, caller, wanted, &operation).unwrap_or_else(|r| r)
    }
}

/// The world of this call, and whose key it is signed with.
fn identify(
    state: &State,
    head: &Parts,
    scope: &Scope,
    service: Service,
) -> (Arc<World>, Result<Caller, Reply>) {
    let inner = state.lock();
    let world = Arc::clone(&inner.world);
    let token = head.headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
    let caller = match inner.keys.check(&scope.access_key, token) {
        KeyCheck::Hub => Ok(Caller::hub(&world)),
        KeyCheck::Session(session) => Ok(Caller::session(&session)),
        KeyCheck::Elsewhere(account) => Ok(Caller::elsewhere(account)),
        KeyCheck::WrongToken | KeyCheck::Unknown => Err(Reply::error(
            403,
            match service {
                Service::Drs | Service::Organizations | Service::Account => {
                    "UnrecognizedClientException"
                }
                Service::Ec2 => "AuthFailure",
                Service::Sts => "InvalidClientTokenId",
            },
            "The security token included in the request is invalid.",
        )),
        KeyCheck::Expired => Err(Reply::error(
            403,
            match service {
                Service::Drs | Service::Organizations | Service::Account => "ExpiredTokenException",
                Service::Ec2 => "RequestExpired",
                Service::Sts => "ExpiredToken",
            },
            "The security token included in the request is expired",
        )),
    };
    (world, caller)
}

fn parse(
    world: &World,
    service: Service,
    account: &str,
    region: &str,
    head: &Parts,
    body: &[u8],
) -> (String, Wanted) {
    if service == Service::Drs {
        let name = head.uri.path().trim_start_matches('/').to_owned();
        let is_post = head.method == http::Method::POST;
        let Some(operation) = drs::operation(&name).filter(|_| is_post) else {
            return (name, Wanted::Unknown);
        };
        let region = world.accounts.get(account).and_then(|account| account.drs.get(region));
        return (name, Wanted::Drs(drs::Wanted::parse(operation, body, region)));
    }
    if service == Service::Organizations {
        let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
        let wanted = organizations::Wanted::parse(operation, body);
        return (operation.to_owned(), Wanted::Organization(wanted));
    }
    if service == Service::Account {
        return match head.uri.path() {
            "/listRegions" => ("ListRegions".to_owned(), Wanted::Regions),
            other => (other.to_owned(), Wanted::Unknown),
        };
    }
    let form = String::from_utf8_lossy(body);
    let query = Query::parse(if form.is_empty() { head.uri.query().unwrap_or("") } else { &form });
    let operation = query.get("Action").unwrap_or_default().to_owned();
    let wanted = match (service, operation.as_str()) {
        (Service::Ec2, "DescribeInstances") => Wanted::Ec2(ec2::Wanted::parse(&query)),
        (Service::Sts, "GetCallerIdentity") => Wanted::Identity,
        (Service::Sts, "AssumeRole") => Wanted::Role(RoleRequest::parse(&query)),
        _ => Wanted::Unknown,
    };
    (operation, wanted)
}

/// Both sides are replies: an `Err` is one that ends the work early.
fn answer(
    state: &State,
    world: &World,
    region: &str,
    caller: Result<Caller, Reply>,
    wanted: Wanted,
    operation: &str,
) -> Result<Reply, Reply> {
    let caller = caller?;
    let account = world.accounts.get(&caller.account);
    // What is answered is made without the lock: it may be long.
    let dealt = |service, (account, place): (&str, &str), fault, page| {
        let key = (service, account.to_owned(), place.to_owned());
        state.lock().faults.deal(key, fault, page)
    };
    match wanted {
        Wanted::Drs(wanted) => {
            let wanted = wanted?;
            let drs = account.and_then(|account| account.drs.get(region));
            let fault = drs.and_then(|drs| drs.fault.as_ref());
            let fault = fault.filter(|fault| wanted.gets(fault));
            let fault = dealt("drs", (&caller.account, region), fault, wanted.page());
            Ok(fault.map_or_else(|| drs::describe(drs, &wanted), Reply::fault))
        }
        Wanted::Ec2(wanted) => {
            let wanted = wanted?;
            let ec2 = account.and_then(|account| account.ec2.get(region));
            let fault = ec2.and_then(|ec2| ec2.fault.as_ref());
            let fault = dealt("ec2", (&caller.account, region), fault, wanted.page());
            Ok(fault.map_or_else(|| ec2::describe_instances(ec2, &wanted), Reply::fault))
        }
        Wanted::Identity => Ok(sts::get_caller_identity(&caller)),
        Wanted::Role(request) => {
            let request = request?;
            let role = request.find(world);
            let fault = role.and_then(|role| role.fault.as_ref());
            let fault = dealt("sts", (&request.account, &request.role), fault, 1);
            let assume = || sts::assume_role(&mut state.lock().keys, &caller, role, &request);
            Ok(fault.map_or_else(assume, Reply::fault))
        }
        Wanted::Organization(wanted) => {
            let (wanted, organization) = (wanted?, world.organization.as_ref());
            let fault = organization.and_then(|organization| organization.fault.as_ref());
            let fault = dealt("organizations", (&caller.account, ""), fault, wanted.page());
            let answer = || organizations::answer(organization, &caller, &wanted);
            Ok(fault.map_or_else(answer, Reply::fault))
        }
        Wanted::Regions => {
            let regions = account.and_then(|account| account.regions.as_ref());
            let fault = regions.and_then(|regions| regions.fault.as_ref());
            let fault = dealt("account", (&caller.account, ""), fault, 1);
            Ok(fault.map_or_else(|| account::list_regions(regions), Reply::fault))
        }
        Wanted::Unknown => {
            let message = format!("the operation {operation:?} is not simulated");
            Err(Reply::error(404, "UnknownOperationException", message))
        }
    }
}
