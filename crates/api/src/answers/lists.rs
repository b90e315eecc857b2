//! Lists of what people keep.

use serde::Serialize;
use store::Item;
use utoipa::ToSchema;

use super::Row;
use super::rows::{AccountRow, GroupRow, PlanRow};

/// A list of rows under a name of its own.
macro_rules! lists {
    ($($(#[doc = $doc:literal])+ $name:ident { $rows:ident: $row:ident })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Serialize, ToSchema)]
            pub struct $name {
                $(#[doc = $doc])+
                #[schema(value_type = Vec<$row>)]
                $rows: Vec<Row>,
                /// How many there are.
                count: usize,
            }

            impl $name {
                pub(crate) fn of(items: Vec<Item>) -> Self {
                    Self { count: items.len(), $rows: Row::all(items) }
                }
            }
        )+
    };
}

lists! {
    /// Target accounts, sorted by id.
    AccountList { accounts: AccountRow }
    /// Protection groups, sorted by name.
    GroupList { groups: GroupRow }
    /// Recovery plans, sorted by name.
    PlanList { plans: PlanRow }
}
