//! What can be read of a row that another program wrote wrong.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::item::Item;

/// A value; none where it is of another type.
#[derive(Debug, Clone)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

/// A list, without the members that are of another type; empty where it is no list.
pub(super) type List<T> = Lenient<Vec<Lenient<T>>>;

impl<T> List<T> {
    pub(super) fn members(self) -> impl Iterator<Item = T> {
        self.0.into_iter().flatten().filter_map(|member| member.0)
    }
}

/// The part of a row that `T` names, where each of its attributes is lenient.
pub(super) fn read<T: DeserializeOwned + Default>(row: &Item) -> T {
    serde_dynamo::from_item(row.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::item::Item;
    use crate::rows::{groups_of_plan, servers_of_group};

    fn item(row: Value) -> Item {
        serde_dynamo::to_item(row).unwrap()
    }

    #[test]
    fn what_a_group_names_is_read_however_wrong_its_row_is() {
        let broken =
            json!({ "groupId": 7, "version": "one", "sourceServerIds": ["s-1", 2, null, "s-3"] });
        assert_eq!(servers_of_group(&item(broken)), ["s-1", "s-3"]);
        for none in
            [json!({}), json!({ "sourceServerIds": "s-1" }), json!({ "sourceServerIds": null })]
        {
            assert!(servers_of_group(&item(none)).is_empty());
        }
    }

    #[test]
    fn what_a_plan_names_is_read_however_wrong_its_row_is() {
        let broken = json!({ "planName": [], "waves": [
            { "waveNumber": "x", "protectionGroupIds": ["pg-1"] }, "no wave", { "owner": "a" },
            { "protectionGroupIds": [{}, "pg-2"] }, { "protectionGroupIds": "pg-3" },
        ] });
        assert_eq!(groups_of_plan(&item(broken)), ["pg-1", "pg-2"]);
        assert!(groups_of_plan(&item(json!({ "waves": {} }))).is_empty());
    }
}
