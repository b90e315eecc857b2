//! An update of an entry that leaves alone what others wrote into it.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use store::Item;
use store::tables::AccountRegionStatusTable;

/// Sets those attributes `own` that `item` has, and removes those that it has not. `also_removed` goes,
/// too. Nothing is changed where the attribute `time` of the entry is later than that of `item`.
pub(super) fn update_own(
    table: &AccountRegionStatusTable,
    (account_id, region): (&str, &str),
    mut item: Item,
    (own, also_removed): (&[&str], Option<&str>),
    time: &str,
) -> UpdateItemFluentBuilder {
    let key = |name: &str| AttributeValue::S(name.to_owned());
    let not_later = match item.contains_key(time) {
        true => format!("attribute_not_exists(#{time}) OR #{time} <= :{time}"),
        false => format!("attribute_not_exists(#{time})"),
    };
    let mut update = table
        .client
        .update_item()
        .table_name(&table.name)
        .key("accountId", key(account_id))
        .key("region", key(region))
        .condition_expression(not_later);
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for name in own {
        update = update.expression_attribute_names(format!("#{name}"), *name);
        match item.remove(*name) {
            Some(value) => {
                update = update.expression_attribute_values(format!(":{name}"), value);
                set.push(format!("#{name} = :{name}"));
            }
            None => remove.push(format!("#{name}")),
        }
    }
    remove.extend(also_removed.map(str::to_owned));
    let remove = match remove.as_slice() {
        [] => String::new(),
        names => format!(" REMOVE {}", names.join(", ")),
    };
    update.update_expression(format!("SET {}{remove}", set.join(", ")))
}
