//! A row of the accounts table as it may be shown.

use aws_sdk_dynamodb::types::AttributeValue;
use store::{Item, text};

/// In the place of an external id: whether the sync would send one.
pub const HAS_EXTERNAL_ID: &str = "hasExternalId";
/// In the place of what is no account, and could hold anything.
const NOT_SHOWN: &str = "(no account, not shown)";

/// The row without its external ids: whoever has one and the role's name is a step closer to it.
///
/// Each account says in [`HAS_EXTERNAL_ID`] whether it has one. No row is so wrong that it shows
/// one: they go from attributes that this program does not know, too, and of `stagingAccounts` only
/// members of a list that are maps are shown.
pub fn without_external_ids(mut account: Item) -> Item {
    // Null, empty and what is no text count as absent in the sync, too.
    let has = !text(&account, "externalId").is_empty();
    let members = account.remove("stagingAccounts");
    let mut shown = hide_in_map(account);
    shown.insert(HAS_EXTERNAL_ID.to_owned(), AttributeValue::Bool(has));
    shown.extend(members.map(|members| ("stagingAccounts".to_owned(), shown_members(members))));
    shown
}

fn shown_members(members: AttributeValue) -> AttributeValue {
    match members {
        AttributeValue::L(members) => {
            AttributeValue::L(members.into_iter().map(shown_member).collect())
        }
        AttributeValue::Null(_) => members,
        _ => AttributeValue::S(NOT_SHOWN.to_owned()),
    }
}

fn shown_member(member: AttributeValue) -> AttributeValue {
    match member {
        AttributeValue::M(account) => AttributeValue::M(without_external_ids(account)),
        AttributeValue::Null(_) => member,
        _ => AttributeValue::S(NOT_SHOWN.to_owned()),
    }
}

fn hide_in_map(map: Item) -> Item {
    let shown = map.into_iter().filter(|(name, _)| !names_external_id(name));
    shown.map(|(name, value)| (name, hide_in(value))).collect()
}

fn hide_in(value: AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::M(map) => AttributeValue::M(hide_in_map(map)),
        AttributeValue::L(list) => AttributeValue::L(list.into_iter().map(hide_in).collect()),
        other => other,
    }
}

/// `externalId`, and how others may write it: `external_id`, `ExternalID`.
fn names_external_id(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).eq("externalid".chars())
}
