//! What a row says, as a short text by which two rows are compared without reading them.
//!
//! The hash is of what DRS and EC2 tell. What was found out by comparing with the row that stands, the
//! parts of the machine that changed since its last launch, stands behind it: `HASH~disks,osName`.

use std::mem::take;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::lag::LagClass;
use model::readiness::{FactsAtLaunch, Policy};
use sha2::{Digest, Sha256};

use super::{InventoryRow, RowKey};

/// Bytes of a content hash: enough that no two rows of an installation ever share one, and short in
/// an index that is read at every sync.
const HASH_BYTES: usize = 16;
/// Between the hash and the parts that changed.
const CHANGED: char = '~';

/// A hash of 128 bits: of what rows say, and of their keys.
fn short_hash(content: &[u8]) -> [u8; HASH_BYTES] {
    let hash = Sha256::digest(content);
    std::array::from_fn(|place| hash[place])
}

impl RowKey {
    /// The key in as few bytes as tell it from every other one of an installation.
    pub fn short_hash(&self) -> [u8; HASH_BYTES] {
        short_hash(format!("{} {}", self.source_server_arn, self.staging_account_id).as_bytes())
    }
}

/// The hash alone, of a row's `contentHash`.
pub fn hash_in(content_hash: &str) -> &str {
    content_hash.split(CHANGED).next().unwrap_or_default()
}

/// The parts that changed since the last launch, of a row's `contentHash`.
pub fn changed_in(content_hash: &str) -> Vec<&str> {
    let (_, changed) = content_hash.split_once(CHANGED).unwrap_or_default();
    changed.split(',').filter(|part| !part.is_empty()).collect()
}

impl InventoryRow {
    /// Gives the row the hash of what it says. Times that move with every sync and byte counts are left
    /// out; a lag counts by its class against the recovery point objective, a copy by its tenths.
    #[must_use]
    pub fn with_content_hash(mut self, policy: &Policy) -> Self {
        let lag = take(&mut self.lag_duration);
        let times =
            (take(&mut self.last_updated), take(&mut self.last_seen), self.ec2_as_of.take());
        let tenths = self.drs.tenths_replicated();
        let figures =
            (self.drs.replicated_bytes.take(), self.drs.backlog_bytes.take(), self.drs.eta.take());
        self.content_hash = None;
        let class = LagClass::of(&lag, policy.rpo) as u8;
        let sums = (self.sums.cpu_cores, self.sums.total_storage_bytes);
        // Whether drills lower a verdict decides what a changed machine is judged.
        let content = (&self, sums, class, tenths, policy.drill_max_age.is_some());
        // A struct of texts, numbers and maps of them always becomes JSON.
        let content = serde_json::to_vec(&content).unwrap_or_default();
        self.content_hash = Some(URL_SAFE_NO_PAD.encode(short_hash(&content)));
        (self.drs.replicated_bytes, self.drs.backlog_bytes, self.drs.eta) = figures;
        (self.last_updated, self.last_seen, self.ec2_as_of) = times;
        self.lag_duration = lag;
        self
    }

    /// The row with what is known of its machine at the last launch. Comes after
    /// [`Self::with_content_hash`].
    #[must_use]
    pub fn with_facts_at_launch(self, facts: Option<FactsAtLaunch>, policy: &Policy) -> Self {
        let now = facts.as_ref().map(|facts| self.facts_at_launch(&facts.job_id));
        let differences = facts.as_ref().zip(now).map(|(facts, now)| facts.differences(&now));
        self.with_changes(facts, &differences.unwrap_or_default(), policy)
    }

    /// The row where these parts of its machine changed since the last launch.
    #[must_use]
    pub fn with_changes(
        mut self,
        facts: Option<FactsAtLaunch>,
        changed: &[&str],
        policy: &Policy,
    ) -> Self {
        self.readiness = self.readiness.at_launch(facts, changed, policy, &self.source_server_arn);
        let hash = self.content_hash.as_deref().map(hash_in).unwrap_or_default();
        self.content_hash = Some(match changed {
            [] => hash.to_owned(),
            changed => format!("{hash}{CHANGED}{}", changed.join(",")),
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::readiness::{Drill, Judgement, Verdict};

    use super::*;
    use crate::rows::{DrsFacts, Readiness, Sums};

    #[test]
    fn a_hash_is_of_what_a_row_says() {
        let policy = Policy::default();
        let row = InventoryRow { lag_duration: "PT1M".to_owned(), ..InventoryRow::default() };
        let hash = |row: InventoryRow| row.with_content_hash(&policy).content_hash.unwrap();
        let same = InventoryRow {
            lag_duration: "PT14M".to_owned(),
            last_updated: "later".to_owned(),
            last_seen: "later".to_owned(),
            ec2_as_of: Some("later".to_owned()),
            content_hash: Some("of something else".to_owned()),
            ..row.clone()
        };
        assert_eq!(hash(row.clone()), hash(same));
        let figures =
            DrsFacts { backlog_bytes: Some(7), eta: Some("soon".to_owned()), ..row.drs.clone() };
        assert_eq!(hash(row.clone()), hash(InventoryRow { drs: figures, ..row.clone() }));
        let copied = |replicated| DrsFacts {
            total_bytes: Some(100),
            replicated_bytes: Some(replicated),
            ..row.drs.clone()
        };
        let of_copied = |copy| hash(InventoryRow { drs: copied(copy), ..row.clone() });
        assert_eq!(of_copied(41), of_copied(49));
        assert_ne!(of_copied(49), of_copied(50));
        for other in [
            InventoryRow { lag_duration: "PT16M".to_owned(), ..row.clone() },
            InventoryRow { hostname: "another".to_owned(), ..row.clone() },
            InventoryRow { sums: Sums { cpu_cores: 1, total_storage_bytes: 0 }, ..row.clone() },
            InventoryRow { source_tags: Some(BTreeMap::new()), ..row.clone() },
        ] {
            assert_ne!(hash(row.clone()), hash(other));
        }
    }

    #[test]
    fn a_machine_that_changed_since_its_launch_says_so_behind_its_hash() {
        let policy = Policy {
            drill_max_age: Some(jiff::SignedDuration::from_hours(24)),
            ..Policy::default()
        };
        let judgement =
            Judgement { verdict: Verdict::Ready, reasons: Vec::new(), drill: Some(Drill::Current) };
        let row = InventoryRow {
            ram_bytes: 8,
            readiness: Readiness::of(judgement, "arn"),
            ..InventoryRow::default()
        };
        let facts = row.facts_at_launch("job");
        let row = row.with_content_hash(&policy);
        let same = row.clone().with_facts_at_launch(Some(facts.clone()), &policy);
        assert_eq!(same.content_hash, row.content_hash);
        assert_eq!(same.readiness.readiness, Some(Verdict::Ready));

        let smaller = FactsAtLaunch { ram_bytes: 4, ..facts };
        let changed = row.clone().with_facts_at_launch(Some(smaller), &policy);
        let content_hash = changed.content_hash.unwrap();
        assert_eq!(Some(hash_in(&content_hash)), row.content_hash.as_deref());
        assert_eq!(changed_in(&content_hash), ["ramBytes"]);
        assert_eq!(changed.readiness.readiness, Some(Verdict::AtRisk));
        assert_eq!(changed.readiness.drill, Some(Drill::ChangedSince));
        assert!(changed.readiness.attention.unwrap().starts_with("AT_RISK#"));
    }
}
