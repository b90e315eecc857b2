//! What the rows of a place, or of a region, amount to.

use jiff::Timestamp;
use model::lag::LagClass;
use model::readiness::drill::{DrillAge, UNDER_WAY};
use model::readiness::{Drill, Policy, ReasonCode, UNKNOWN, Verdict};
use serde::{Deserialize, Serialize};

use super::InventoryRow;
use super::tally::Tally;

/// What the rows of a place amount to. Its verdicts, `not_held` and the rows that could not be stored
/// sum to the servers that DRS lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Rows by verdict. Those of servers that DRS no longer lists are not among them.
    pub verdicts: Tally,
    /// Rows by the code of a reason; a row may have several.
    pub reasons: Tally,
    /// Rows by the class of their lag against the recovery point objective.
    pub lag: Tally,
    /// Rows by what their last launch proves.
    pub drills: Tally,
    /// Rows by how long ago their last launch was.
    pub drill_ages: Tally,
    /// Rows of servers that are copies of one in a staging account.
    pub extended: u64,
    /// Servers that count against the quota of replicating servers.
    pub replicating: u64,
    /// Servers that DRS lists here and whose row another place holds.
    pub not_held: u64,
}

impl Counts {
    /// Counts a row that was judged by this policy.
    pub fn add(&mut self, row: &InventoryRow, policy: &Policy, now: Timestamp) {
        self.tally(row, policy, now, |count| count + 1);
        self.extended += u64::from(row.drs.is_extended());
    }

    /// Takes back a row that was counted.
    pub fn take_back(&mut self, row: &InventoryRow, policy: &Policy, now: Timestamp) {
        self.tally(row, policy, now, |count| count.saturating_sub(1));
        self.extended = self.extended.saturating_sub(u64::from(row.drs.is_extended()));
    }

    fn tally(&mut self, row: &InventoryRow, policy: &Policy, now: Timestamp, by: fn(u64) -> u64) {
        let readiness = &row.readiness;
        let verdict = readiness.readiness.unwrap_or_default();
        self.verdicts.change(verdict.name(), by);
        let mut codes: Vec<ReasonCode> =
            readiness.readiness_reasons.iter().map(|reason| reason.code).collect();
        codes.dedup();
        codes.iter().for_each(|code| self.reasons.change(code.name(), by));
        self.lag.change(LagClass::of(&row.lag_duration, policy.rpo).name(), by);
        self.drills.change(readiness.drill.map_or(UNDER_WAY, Drill::name), by);
        let age = DrillAge::of(row.drs.last_launch.as_ref(), now);
        self.drill_ages.change(age.name(), by);
    }

    /// These and those of another place.
    pub fn merge(&mut self, other: &Self) {
        for (ours, theirs) in [
            (&mut self.verdicts, &other.verdicts),
            (&mut self.reasons, &other.reasons),
            (&mut self.lag, &other.lag),
            (&mut self.drills, &other.drills),
            (&mut self.drill_ages, &other.drill_ages),
        ] {
            theirs.iter().for_each(|(name, count)| ours.change(name.clone(), |sum| sum + count));
        }
        self.extended += other.extended;
        self.replicating += other.replicating;
        self.not_held += other.not_held;
    }

    /// Rows with this verdict.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.verdicts.of(verdict.name())
    }

    /// All rows by verdict: also those of servers that DRS no longer lists, which are not ready.
    pub fn by_verdict(&self) -> Tally {
        let mut verdicts = self.verdicts.clone();
        verdicts.change(Verdict::NotReady.name(), |count| count + self.missing());
        verdicts
    }

    /// Servers of which nothing is known now.
    pub fn unknown(&self) -> u64 {
        self.verdicts.of(UNKNOWN)
    }

    /// Adds servers of which nothing is known now.
    pub fn add_unknown(&mut self, servers: u64) {
        self.verdicts.change(UNKNOWN, |count| count + servers);
    }

    /// Rows that were judged.
    pub fn judged(&self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    /// Rows whose servers DRS no longer lists.
    pub fn missing(&self) -> u64 {
        self.reasons.of(ReasonCode::NoLongerListed.name())
    }

    /// Sets how many rows there are whose servers DRS no longer lists.
    pub fn set_missing(&mut self, missing: u64) {
        self.reasons.change(ReasonCode::NoLongerListed.name(), |_| missing);
    }
}
