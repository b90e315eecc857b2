//! So many rows of each name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use litemap::LiteMap;
use serde::{Deserialize, Serialize, Serializer};

/// A verdict, the code of a reason, a class: not copied where this program knows it.
pub(super) type Name = Cow<'static, str>;

/// So many rows of each name, sorted by it.
///
/// A sync of a thousand accounts holds those of 28,000 places until its end, so nothing is set aside for
/// more names than there are. It is written and read as a map of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<Name, u64>")]
pub struct Tally(LiteMap<Name, u64>);

impl Tally {
    /// Rows of this name.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Every name that has rows, and how many.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &u64)> {
        self.0.iter()
    }

    /// Sets how many rows a name has, by how many it had.
    pub(super) fn change(&mut self, name: impl Into<Name>, by: impl FnOnce(u64) -> u64) {
        let name = name.into();
        match by(self.of(&name)) {
            0 => drop(self.0.remove(&name)),
            count => drop(self.0.insert(name, count)),
        }
    }
}

impl Serialize for Tally {
    // LiteMap's own way makes an empty map a list.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

impl From<BTreeMap<Name, u64>> for Tally {
    fn from(counts: BTreeMap<Name, u64>) -> Self {
        counts.into_iter().collect()
    }
}

impl FromIterator<(Name, u64)> for Tally {
    fn from_iter<I: IntoIterator<Item = (Name, u64)>>(counts: I) -> Self {
        Self(counts.into_iter().collect())
    }
}
