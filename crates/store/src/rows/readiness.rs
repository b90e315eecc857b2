//! The verdict as a row holds it.

use model::readiness::{Drill, FactsAtLaunch, Judgement, Policy, Reason, ReasonCode, Verdict};
use serde::{Deserialize, Serialize};

use super::shard::shard_of;

/// Partitions of a verdict in `AttentionIndex`, so that no single one takes all writes.
pub const ATTENTION_SHARDS: u64 = 8;

/// The verdict of a server, and what it rests on beside the other attributes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct Readiness {
    pub readiness: Option<Verdict>,
    pub readiness_reasons: Vec<Reason>,
    pub drill: Option<Drill>,
    /// The key of `AttentionIndex`; absent where the server is ready.
    pub attention: Option<String>,
    pub facts_at_launch: Option<FactsAtLaunch>,
}

impl Readiness {
    /// Of the server with this ARN.
    pub fn of(judgement: Judgement, arn: &str) -> Self {
        let Judgement { verdict, reasons, drill } = judgement;
        let attention = attention(verdict, arn);
        Self {
            readiness: Some(verdict),
            readiness_reasons: reasons,
            drill,
            attention,
            facts_at_launch: None,
        }
    }

    /// Of a server that DRS no longer lists.
    pub fn no_longer_listed(arn: &str) -> Self {
        let reasons = vec![ReasonCode::NoLongerListed.into()];
        Self::of(Judgement { verdict: Verdict::NotReady, reasons, drill: None }, arn)
    }

    /// With what is known of the machine at its last launch, of which these parts `changed` since.
    #[must_use]
    pub fn at_launch(
        self,
        facts: Option<FactsAtLaunch>,
        changed: &[&str],
        policy: &Policy,
        arn: &str,
    ) -> Self {
        let Some(verdict) = self.readiness else { return self };
        let judgement = Judgement { verdict, reasons: self.readiness_reasons, drill: self.drill };
        let readiness = Self::of(judgement.with_changes(changed, policy), arn);
        Self { facts_at_launch: facts, ..readiness }
    }
}

/// The partition of `AttentionIndex` that the server is in; none where it is ready.
pub fn attention(verdict: Verdict, arn: &str) -> Option<String> {
    let shard = shard_of(arn, ATTENTION_SHARDS);
    (verdict != Verdict::Ready).then(|| format!("{}#{shard}", verdict.name()))
}
