//! `tables create`.

use store::tables::{Building, Created, LONGEST_INDEX_WAIT, create_tables_and_tell};

use crate::args::TablesCommand;
use crate::exit;
use crate::render::{note, print};
use crate::setup::Setup;
use crate::store::open_as_it_is;

pub(crate) async fn run(setup: &Setup, command: &TablesCommand) -> anyhow::Result<u8> {
    let TablesCommand::Create = command;
    let opened = open_as_it_is(setup).await?;
    for table in create_tables_and_tell(&opened, &waits).await? {
        print(&format!("{}\n", line(&table)))?;
    }
    Ok(exit::OK)
}

fn waits(Building { table, index }: Building<'_>) {
    let minutes = LONGEST_INDEX_WAIT.as_secs() / 60;
    note(&format!(
        "DynamoDB builds {index} of {table}, which takes minutes; waiting up to {minutes} min"
    ));
}

fn line(table: &Created) -> String {
    match table {
        Created { name, new: true, .. } => format!("{name} created"),
        Created { name, new_indexes, .. } if new_indexes.is_empty() => format!("{name} is there"),
        Created { name, new_indexes, .. } => {
            format!("{name} is there, added: {}", new_indexes.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_says_what_is_new() {
        let table = |new, new_indexes| Created { name: "rows".to_owned(), new, new_indexes };
        assert_eq!(line(&table(true, vec![])), "rows created");
        assert_eq!(line(&table(false, vec![])), "rows is there");
        let added = line(&table(false, vec!["ByDay", "ByName"]));
        assert_eq!(added, "rows is there, added: ByDay, ByName");
    }
}
