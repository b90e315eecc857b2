//! A row of a table in an answer.

use serde::{Serialize, Serializer};
use store::Item;
use store::json::Json;

/// A row as the table has it, with attributes that this program does not know.
#[derive(Debug, Clone)]
pub struct Row(pub Item);

impl Row {
    /// Each of them.
    pub(crate) fn all(items: Vec<Item>) -> Vec<Self> {
        items.into_iter().map(Self).collect()
    }
}

impl Serialize for Row {
    /// A number that does not fit 64 bits is a text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json(&self.0).to_value().serialize(serializer)
    }
}
