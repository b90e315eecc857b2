//! `removals restore`: a row that was removed, put back.

use aws_smithy_async::time::SharedTimeSource;
use inventory::restore::{Restored, restore_row};
use store::tables::{get_inventory_changes_table, get_source_server_inventory_table};
use store::{Store, text};
use sync::time::now;

use crate::render::note;
use crate::text::for_terminal;

pub(super) async fn run(store: &Store, arn: &str) -> anyhow::Result<()> {
    let inventory = get_source_server_inventory_table(store)?;
    let changes = get_inventory_changes_table(store)?;
    let Restored { row, removed_at } =
        restore_row(&inventory, &changes, arn, now(&SharedTimeSource::default())).await?;
    let (host, place) =
        (for_terminal(text(&row, "hostname")), for_terminal(text(&row, "listedIn")));
    note(&format!(
        "put back: {host} of {place}, removed {removed_at}; it counts as missing until a sync finds it there"
    ));
    Ok(())
}
