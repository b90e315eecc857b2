//! What is found in one region of an account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::Failure;
use store::rows::unprotected::{
    MOST_UNPROTECTED, UnprotectedEntry, UnprotectedInstance, unprotected_entry,
};

use super::Look;
use crate::ec2_listing::{Ec2Listing, ListedInstance};
use crate::ledger::cut;
use crate::time::iso;

/// DRS sets it on everything that it launches: recovery instances, replication servers and
/// conversion servers. Source: DRS user guide, "Tags".
const OF_DRS: &str = "AWSElasticDisasterRecoveryManaged";
/// Bytes of a tag's value that an entry keeps.
const LONGEST_VALUE: usize = 128;

/// Where something is found, and what was found there before.
pub(super) struct Found<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) previous: Option<&'a UnprotectedEntry>,
    pub(super) now: Timestamp,
}

/// The entry of a region. Where EC2 could not be asked, what was found before stays, and is not certain.
pub(super) fn entry_of(
    found: &Found<'_>,
    look: &Look<'_>,
    listed: Result<Ec2Listing, Failure>,
) -> UnprotectedEntry {
    match listed {
        Ok(listed) => entry_of_listing(found, look, &listed),
        Err(failure) => UnprotectedEntry {
            account_id: found.account.to_owned(),
            region: unprotected_entry(found.region),
            is_certain: false,
            because: Some(format!("EC2 could not be asked: {}", failure.code)),
            ..found.previous.cloned().unwrap_or_default()
        },
    }
}

fn entry_of_listing(found: &Found<'_>, look: &Look<'_>, listed: &Ec2Listing) -> UnprotectedEntry {
    let open = listed.iter().filter(|(id, instance)| is_unprotected(look, id, instance));
    let open: BTreeMap<&String, &ListedInstance> = open.collect();
    let is_excluded = |id: &str, instance: &ListedInstance| {
        let tags = || instance.metadata.tags.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        look.exclusions.iter().any(|exclusion| exclusion.covers(id, tags()))
    };
    let (excluded, left): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|(id, instance)| is_excluded(id, instance));
    UnprotectedEntry {
        account_id: found.account.to_owned(),
        region: unprotected_entry(found.region),
        as_of: Some(iso(found.now)),
        count: left.len() as u64,
        server_count: left.len() as u64,
        excluded: excluded.len() as u64,
        is_certain: look.doubt.is_none(),
        because: look.doubt.clone(),
        instances: left.into_iter().take(MOST_UNPROTECTED).map(shown).collect(),
    }
}

fn is_unprotected(look: &Look<'_>, id: &str, instance: &ListedInstance) -> bool {
    let Look { protected, .. } = look;
    !instance.metadata.is_ending()
        && !instance.metadata.tags.contains_key(OF_DRS)
        && !protected.instances.contains(id)
}

fn shown((id, instance): (&String, &ListedInstance)) -> UnprotectedInstance {
    let tag = |name: &str| {
        let tags = &instance.metadata.tags;
        let any_case = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        let value = tags.get(name).or(any_case.map(|(_, value)| value));
        value.map(|value| cut(value, LONGEST_VALUE)).unwrap_or_default()
    };
    UnprotectedInstance {
        instance_id: id.clone(),
        name: tag("Name"),
        owner: tag("Owner"),
        kind: instance.kind.clone(),
        launch_time: instance.launch_time.clone(),
        state: instance.metadata.state.clone(),
    }
}
