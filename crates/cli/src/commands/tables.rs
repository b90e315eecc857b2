//! `tables create`.

use model::environment::Environment;
use store::tables::create_tables;

use crate::args::TablesCommand;
use crate::exit;
use crate::render::print;
use crate::store::open_as_it_is;

pub(crate) async fn run(store: Option<&str>, command: &TablesCommand) -> anyhow::Result<u8> {
    let TablesCommand::Create = command;
    let opened = open_as_it_is(store, &Environment::of_process()).await?;
    for table in create_tables(&opened).await? {
        let state = if table.new { "created" } else { "is there" };
        print(&format!("{} {state}\n", table.name))?;
    }
    Ok(exit::OK)
}
