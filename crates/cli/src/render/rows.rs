//! Rows of a table, in whatever format was asked for.

use std::collections::BTreeSet;

use comfy_table::{ContentArrangement, Table, presets};
pub(crate) use inventory::words::cell;
use store::Item;
use store::json::Json;

use crate::args::Format;
use crate::text::{csv_cell, one_line};

/// Title and attribute of each column of a table for people.
pub(crate) type Columns<'a> = &'a [(&'a str, &'a str)];

/// `rows` as `format`; a table for people shows `columns`, every other format all attributes.
pub(crate) fn render(
    rows: &[Item],
    columns: Columns<'_>,
    format: Format,
) -> anyhow::Result<String> {
    Ok(match format {
        Format::Table => table(rows, columns),
        Format::Json => {
            let rows: Vec<Json<'_>> = rows.iter().map(Json).collect();
            serde_json::to_string_pretty(&rows)? + "\n"
        }
        Format::Jsonl => {
            let lines: Result<Vec<String>, _> =
                rows.iter().map(|row| serde_json::to_string(&Json(row))).collect();
            lines?.into_iter().map(|line| line + "\n").collect()
        }
        Format::Csv => csv(rows, columns)?,
    })
}

fn table(rows: &[Item], columns: Columns<'_>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|(title, _)| title.to_uppercase()));
    for row in rows {
        table.add_row(columns.iter().map(|(_, name)| one_line(&cell(row, name))));
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

fn csv(rows: &[Item], columns: Columns<'_>) -> anyhow::Result<String> {
    let mut names: Vec<&str> = columns.iter().map(|(_, name)| *name).collect();
    let others: BTreeSet<&str> =
        rows.iter().flat_map(|row| row.keys()).map(String::as_str).collect();
    names.extend(others.into_iter().filter(|name| !columns.iter().any(|(_, n)| n == name)));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names.iter().map(|name| csv_cell(name)))?;
    for row in rows {
        writer.write_record(names.iter().map(|name| csv_cell(&cell(row, name))))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn numbers_within_a_cell_are_exact() -> anyhow::Result<()> {
        let number = AttributeValue::N("18446744073709551616".to_owned());
        let disks =
            AttributeValue::L(vec![AttributeValue::M([("bytes".to_owned(), number)].into())]);
        let row = Item::from([("disks".to_owned(), disks)]);
        let csv = render(&[row], &[], Format::Csv)?;
        assert_eq!(csv, "disks\n\"[{\"\"bytes\"\":18446744073709551616}]\"\n");
        Ok(())
    }
}
