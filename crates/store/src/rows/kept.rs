//! A row that is changed without losing what others wrote into it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::Error;

use crate::item::Item;

/// A row as its type knows it, and the attributes that the type does not know.
///
/// Only what `T` tells is ever replaced: an attribute of any other name is written back as it was
/// read, whatever it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept<T> {
    /// What is known of the row.
    pub row: T,
    /// Everything else. An attribute of `row` that is null stands here, too, until it gets a value.
    pub unknown: Item,
}

impl<T> Kept<T> {
    /// A new row: there is nothing beside what is known.
    pub fn new(row: T) -> Self {
        Self { row, unknown: Item::new() }
    }
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// Reads a row.
    ///
    /// # Errors
    /// An attribute that `T` knows is missing or of another type; the error says what is wrong.
    pub fn from_item(item: Item) -> Result<Self, Error> {
        let row: T = serde_dynamo::from_item(item.clone())?;
        let mut unknown = item;
        // What the row tells when it is written is what is known of it.
        let known: Item = serde_dynamo::to_item(&row)?;
        unknown.retain(|name, _| !known.contains_key(name));
        Ok(Self { row, unknown })
    }

    /// The row as it is written.
    ///
    /// # Errors
    /// `T` cannot be a row, such as one that is no struct.
    pub fn to_item(&self) -> Result<Item, Error> {
        let mut item = self.unknown.clone();
        item.extend(serde_dynamo::to_item::<_, Item>(&self.row)?);
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;
    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::*;

    use super::*;
    use crate::rows::{GroupDefinition, ProtectionGroup, RecoveryPlan, Wave};

    fn any_value() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            ".*".prop_map(AttributeValue::S),
            any::<i128>().prop_map(|number| AttributeValue::N(number.to_string())),
            Just(AttributeValue::N("0.1".to_owned())),
            any::<bool>().prop_map(AttributeValue::Bool),
            Just(AttributeValue::Null(true)),
            any::<Vec<u8>>().prop_map(|bytes| AttributeValue::B(Blob::new(bytes))),
            prop::collection::vec(".*", 1..3).prop_map(AttributeValue::Ss),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
                prop::collection::hash_map(".*", inner, 0..3).prop_map(AttributeValue::M),
            ]
        })
    }

    /// Attributes of names that no row knows.
    fn unknown() -> impl Strategy<Value = Item> {
        prop::collection::hash_map("x-.{0,5}", any_value(), 0..4)
    }

    fn group() -> impl Strategy<Value = ProtectionGroup> {
        let texts = || prop::option::of(".*");
        let ids = prop::option::of(prop::collection::vec(".*", 0..3));
        let tags = prop::option::of(prop::collection::btree_map(".*", ".*", 0..3));
        let policy = (prop::option::of(any::<u32>()), prop::option::of(any::<u32>()));
        let definition = (".*", texts(), ".*", texts(), ids, tags, policy);
        (".*", definition, any::<u64>(), ".*").prop_map(|(group_id, parts, version, time)| {
            let (group_name, description, region, account_id, ids, tags, policy) = parts;
            let (rpo_minutes, drill_max_age_days) = policy;
            let definition = GroupDefinition {
                group_name,
                description,
                region,
                account_id,
                source_server_ids: ids,
                server_selection_tags: tags,
                rpo_minutes,
                drill_max_age_days,
            };
            let (created_at, last_updated) = (time.clone(), time);
            ProtectionGroup { group_id, definition, version, created_at, last_updated }
        })
    }

    fn plan() -> impl Strategy<Value = RecoveryPlan> {
        let wave = (any::<u16>(), ".*", prop::collection::vec(".*", 0..3));
        let wave = wave.prop_map(|(number, wave_name, protection_group_ids)| Wave {
            wave_number: number.into(),
            wave_name,
            protection_group_ids,
        });
        let waves = prop::collection::vec(wave, 0..3);
        (".*", ".*", prop::option::of(".*"), waves, any::<u64>(), ".*").prop_map(
            |(plan_id, plan_name, description, waves, version, time)| {
                let (created_at, last_updated) = (time.clone(), time);
                RecoveryPlan {
                    plan_id,
                    plan_name,
                    description,
                    waves,
                    version,
                    created_at,
                    last_updated,
                }
            },
        )
    }

    /// A row is written, read, written as it is, and written changed.
    fn check<T>(row: T, changed: T, unknown: Item) -> Result<(), TestCaseError>
    where
        T: Serialize + DeserializeOwned + Clone + PartialEq + std::fmt::Debug,
    {
        let written = Kept { row, unknown };
        let item = written.to_item().unwrap();
        let mut read = Kept::<T>::from_item(item.clone()).unwrap();
        prop_assert_eq!(&read, &written);
        prop_assert_eq!(read.to_item().unwrap(), item);

        read.row = changed.clone();
        let item = read.to_item().unwrap();
        let changed = Kept { row: changed, unknown: written.unknown };
        prop_assert_eq!(Kept::<T>::from_item(item).unwrap(), changed);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_a_type_does_not_know_survives_every_change(
            groups in (group(), group()), plans in (plan(), plan()), unknown in unknown(),
        ) {
            check(groups.0, groups.1, unknown.clone())?;
            check(plans.0, plans.1, unknown)?;
        }

        #[test]
        fn an_attribute_of_another_type_is_an_error_and_never_a_loss(
            group in group(), value in any_value(),
        ) {
            let mut item = Kept::new(group).to_item().unwrap();
            item.insert("description".to_owned(), value);
            if let Ok(read) = Kept::<ProtectionGroup>::from_item(item.clone()) {
                prop_assert_eq!(read.to_item().unwrap(), item);
            }
        }

        #[test]
        fn null_reads_as_absent_until_there_is_a_value(group in group()) {
            let mut item = Kept::new(group).to_item().unwrap();
            item.insert("description".to_owned(), AttributeValue::Null(true));
            let mut kept = Kept::<ProtectionGroup>::from_item(item.clone()).unwrap();
            prop_assert_eq!(&kept.row.definition.description, &None);
            prop_assert_eq!(kept.to_item().unwrap(), item);
            kept.row.definition.description = Some("d".to_owned());
            let description = kept.to_item().unwrap().remove("description");
            prop_assert_eq!(description, Some(AttributeValue::S("d".to_owned())));
        }
    }
}
