//! A list as somebody asked for it: which columns, in which order, how many, in which format.

use std::collections::HashSet;

use inventory::words::grouped;
use store::Item;

use super::order::{self, Order};
use super::rows::{AsStored, Column, Columns, Said, View};
use super::{note, print};
use crate::args::{Format, ListArgs};

/// What a list can show.
pub(crate) struct Listing<'a> {
    /// What people see who do not choose.
    pub(crate) columns: Columns<'a>,
    /// What comes first where programs read it; all other attributes follow.
    pub(crate) first: Columns<'a>,
    /// Attributes that a row may have beyond these, so that a name is known where no row has it.
    pub(crate) further: &'a [&'a str],
    /// Attributes that follow from a row, and that programs get unasked.
    pub(crate) made: &'a [&'a str],
    pub(crate) said: &'a dyn Said,
}

impl<'a> Listing<'a> {
    /// A list whose columns are all there is.
    pub(crate) const fn of(columns: Columns<'a>) -> Self {
        Self { columns, first: columns, further: &[], made: &[], said: &AsStored }
    }

    /// Prints `rows` as they were asked for, and says how many more there are.
    ///
    /// # Errors
    /// A column is not known, or stdout cannot be written to.
    pub(crate) fn show(&self, mut rows: Vec<Item>, asked: &ListArgs) -> anyhow::Result<()> {
        let columns = self.chosen(&rows, &asked.columns)?;
        if let Some(order) = self.order(&rows, asked)? {
            order::sort(&mut rows, order, self.said);
        }
        let more = cut(&mut rows, asked.limit);
        if columns.is_none() && !asked.output.is_for_people() {
            rows.iter_mut().for_each(|row| self.make(row));
        }
        let view = self.view(columns, asked.output, !asked.no_header);
        print(&view.render(&rows, asked.output)?)?;
        if more > 0 {
            note(&format!("and {} more, which --limit leaves out", grouped(more as u64)));
        }
        Ok(())
    }

    /// All rows and the columns that people see who do not choose.
    pub(crate) fn table(&self, rows: &[Item]) -> anyhow::Result<String> {
        self.view(None, Format::Table, true).render(rows, Format::Table)
    }

    fn view(&'a self, chosen: Option<Vec<Column>>, output: Format, with_header: bool) -> View<'a> {
        let with_others = chosen.is_none();
        let unasked = if output.is_for_people() { self.columns } else { self.first };
        let columns = chosen.unwrap_or_else(|| unasked.iter().map(owned).collect());
        View { columns, with_others, with_header, said: self.said }
    }

    fn make(&self, row: &mut Item) {
        for name in self.made {
            if let Some(value) = self.said.made(row, name) {
                row.insert((*name).to_owned(), value);
            }
        }
    }

    fn chosen(&self, rows: &[Item], names: &[String]) -> anyhow::Result<Option<Vec<Column>>> {
        let find = |name: &String| self.find(rows, name, "--columns");
        if names.is_empty() {
            return Ok(None);
        }
        let mut columns: Vec<Column> = names.iter().map(find).collect::<anyhow::Result<_>>()?;
        // An object has each of its keys once.
        let mut seen = HashSet::new();
        columns.retain(|(_, attribute)| seen.insert(attribute.clone()));
        Ok(Some(columns))
    }

    fn order(&self, rows: &[Item], asked: &ListArgs) -> anyhow::Result<Option<Order>> {
        let Some(asked) = asked.sort.as_deref() else { return Ok(None) };
        let (name, descends) = match asked.strip_prefix('-') {
            Some(name) => (name, true),
            None => (asked, false),
        };
        let (_, attribute) = self.find(rows, name, "--sort")?;
        Ok(Some(Order { attribute, descends }))
    }

    /// The column of that title or attribute, however it is written: `host name`, `host-name`, `hostName`.
    fn find(&self, rows: &[Item], name: &str, option: &str) -> anyhow::Result<Column> {
        let wanted = plain(name);
        let titled = || self.columns.iter().chain(self.first).copied();
        let attributes = || titled().map(|(_, name)| name).chain(self.further.iter().copied());
        let in_rows = || rows.iter().flat_map(Item::keys).map(String::as_str);
        let by_title = titled().find(|(title, _)| plain(title) == wanted);
        let by_attribute = || attributes().chain(in_rows()).find(|name| plain(name) == wanted);
        if let Some(column) = by_title.or_else(|| by_attribute().map(|name| (name, name))) {
            return Ok(owned(&column));
        }
        let titles = self.columns.iter().map(|(title, _)| title.replace(' ', "-"));
        let others = attributes().filter(|name| titled().all(|(title, _)| title != *name));
        let mut known: Vec<String> = titles.chain(others.map(str::to_owned)).collect();
        let mut seen = HashSet::new();
        known.retain(|name| seen.insert(plain(name)));
        anyhow::bail!("{option} {name:?} is no column; expected one of {}", known.join(", "))
    }
}

fn owned((title, name): &(&str, &str)) -> Column {
    ((*title).to_owned(), (*name).to_owned())
}

/// A name without what people write differently.
fn plain(name: &str) -> String {
    let plain = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
    plain.flat_map(char::to_lowercase).collect()
}

/// Leaves `limit` rows; how many there were beyond them.
fn cut(rows: &mut Vec<Item>, limit: Option<u32>) -> usize {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let more = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    more
}
