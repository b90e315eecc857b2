//! What the rows of a table hold.

mod inventory_row;

pub use inventory_row::{Disk, InventoryRow, RowKey, Sums};
