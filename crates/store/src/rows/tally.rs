//! So many rows of each name.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

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

impl Deref for Tally {
    type Target = LiteMap<Name, u64>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tally {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
