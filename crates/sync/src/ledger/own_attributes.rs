//! An update of an entry that leaves alone what others wrote into it.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use store::Item;
use store::rows::ledger::entry_key;
use store::tables::{AccountRegionStatusTable, set_and_remove};

/// Sets those attributes `own` that `item` has, and removes those that it has not. `also_removed` goes,
/// too. Nothing is changed where the attribute `time` of the entry is later than that of `item`.
pub(super) fn update_own(
    table: &AccountRegionStatusTable,
    (account_id, region): (&str, &str),
    mut item: Item,
    (own, also_removed): (&[&str], Option<&str>),
    time: &str,
) -> UpdateItemFluentBuilder {
    let update = table
        .client
        .update_item()
        .table_name(&table.name)
        .set_key(Some(entry_key(account_id, region)))
        .expression_attribute_names("#time", time);
    let update = match item.get(time) {
        Some(at) => update
            .condition_expression("attribute_not_exists(#time) OR #time <= :time")
            .expression_attribute_values(":time", at.clone()),
        None => update.condition_expression("attribute_not_exists(#time)"),
    };
    let own = own.iter().map(|name| (*name, item.remove(*name)));
    set_and_remove(update, own.chain(also_removed.map(|name| (name, None))))
}
