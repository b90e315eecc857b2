//! Rows of a table, in whatever format was asked for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use comfy_table::{ContentArrangement, Table, presets};
use inventory::words;
pub(crate) use inventory::words::cell;
use serde::ser::{Serialize, SerializeMap, Serializer};
use store::Item;
use store::json::{Json, JsonValue};

use super::markdown;
use crate::args::Format;
use crate::text::{csv_cell, one_line};

/// Title and attribute of each column.
pub(crate) type Columns<'a> = &'a [(&'a str, &'a str)];
/// The same of one that somebody chose.
pub(crate) type Column = (String, String);

/// What a list says beyond the attributes of its rows.
pub(crate) trait Said {
    /// A cell in the words of people; none where it is the attribute.
    fn words(&self, _row: &Item, _name: &str) -> Option<String> {
        None
    }

    /// An attribute that is not in the row but follows from it.
    fn made(&self, _row: &Item, _name: &str) -> Option<AttributeValue> {
        None
    }
}

/// Rows that say all there is to say.
pub(crate) struct AsStored;

impl Said for AsStored {}

/// Which columns of rows are shown, and how.
pub(crate) struct View<'a> {
    pub(crate) columns: Vec<Column>,
    /// Whether attributes that are no column are shown, too, where programs read it.
    pub(crate) with_others: bool,
    pub(crate) with_header: bool,
    pub(crate) said: &'a dyn Said,
}

/// An attribute of a row, stored or made.
pub(crate) fn attribute<'a>(
    row: &'a Item,
    name: &str,
    said: &dyn Said,
) -> Option<Cow<'a, AttributeValue>> {
    let stored = row.get(name).map(Cow::Borrowed);
    stored.or_else(|| said.made(row, name).map(Cow::Owned))
}

impl View<'_> {
    /// `rows` as `format`.
    pub(crate) fn render(&self, rows: &[Item], format: Format) -> anyhow::Result<String> {
        Ok(match format {
            Format::Table => self.table(rows),
            Format::Markdown => self.markdown(rows),
            Format::Json => serde_json::to_string_pretty(&self.objects(rows))? + "\n",
            Format::Jsonl => {
                let mut lines = String::new();
                for object in self.objects(rows) {
                    lines.push_str(&serde_json::to_string(&object)?);
                    lines.push('\n');
                }
                lines
            }
            Format::Csv => self.csv(rows)?,
        })
    }

    fn table(&self, rows: &[Item]) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if self.with_header {
            table.set_header(self.columns.iter().map(|(title, _)| title.to_uppercase()));
        }
        for row in rows {
            table.add_row(self.cells(row).map(|cell| one_line(&cell)));
        }
        let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
        lines.collect()
    }

    fn markdown(&self, rows: &[Item]) -> String {
        let mut text = String::new();
        if self.with_header {
            let titles = self.columns.iter().map(|(title, _)| markdown::escaped(title));
            text.push_str(&markdown::line(titles));
            text.push_str(&markdown::line(self.columns.iter().map(|_| "---".to_owned())));
        }
        for row in rows {
            let cells = self.cells(row).map(|cell| markdown::escaped(&one_line(&cell)));
            text.push_str(&markdown::line(cells));
        }
        text
    }

    /// A row in the words of people.
    fn cells<'a>(&'a self, row: &'a Item) -> impl Iterator<Item = String> + 'a {
        self.columns.iter().map(move |(_, name)| {
            self.said.words(row, name).unwrap_or_else(|| self.plain(row, name))
        })
    }

    /// The attribute as it is; in the words of people where it is none.
    fn plain(&self, row: &Item, name: &str) -> String {
        match attribute(row, name, self.said) {
            Some(value) => words::value(&value),
            None => self.said.words(row, name).unwrap_or_default(),
        }
    }

    fn objects<'a>(&'a self, rows: &'a [Item]) -> Vec<Object<'a>> {
        rows.iter().map(|row| Object { row, view: self }).collect()
    }

    fn csv(&self, rows: &[Item]) -> anyhow::Result<String> {
        let mut names: Vec<&str> = self.columns.iter().map(|(_, name)| name.as_str()).collect();
        if self.with_others {
            let others: BTreeSet<&str> =
                rows.iter().flat_map(|row| row.keys()).map(String::as_str).collect();
            let is_column = |name: &&str| self.columns.iter().any(|(_, column)| column == name);
            names.extend(others.into_iter().filter(|name| !is_column(name)));
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        if self.with_header {
            writer.write_record(names.iter().map(|name| csv_cell(name)))?;
        }
        for row in rows {
            writer.write_record(names.iter().map(|name| csv_cell(&self.plain(row, name))))?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

/// A row for programs: whole, or the columns that were asked for, in their order.
struct Object<'a> {
    row: &'a Item,
    view: &'a View<'a>,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { row, view } = self;
        if view.with_others {
            return Json(row).serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(view.columns.len()))?;
        for (_, name) in &view.columns {
            match attribute(row, name, view.said) {
                Some(value) => map.serialize_entry(name, &JsonValue(&value))?,
                None => map.serialize_entry(name, &view.said.words(row, name))?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_a_cell_are_exact() -> anyhow::Result<()> {
        let number = AttributeValue::N("18446744073709551616".to_owned());
        let disks =
            AttributeValue::L(vec![AttributeValue::M([("bytes".to_owned(), number)].into())]);
        let row = Item::from([("disks".to_owned(), disks)]);
        let view = View { columns: vec![], with_others: true, with_header: true, said: &AsStored };
        let csv = view.render(&[row], Format::Csv)?;
        assert_eq!(csv, "disks\n\"[{\"\"bytes\"\":18446744073709551616}]\"\n");
        Ok(())
    }
}
