//! What a change of a record says of a field: nothing, another value, or that it goes.

use serde::{Deserialize, Deserializer};

/// Tells null from absent.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What a change says becomes of a field; what it leaves out stays.
pub(crate) fn set<T>(change: Option<T>, field: &mut T) {
    if let Some(value) = change {
        *field = value;
    }
}
