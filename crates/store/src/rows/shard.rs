//! Which of several partitions of an index a row is in, so that no single one takes all writes.

use std::hash::{DefaultHasher, Hash, Hasher};

/// One of `shards` partitions, the same for the same text.
pub(super) fn shard_of(text: &str, shards: u64) -> u64 {
    // The hasher's keys are fixed, so that a text keeps its partition within a version; a reader asks
    // all of them.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish() % shards
}
