//! Which segments a list is made of, and in which order.

use std::collections::{BTreeSet, VecDeque};

use model::Place;
use model::readiness::{UNKNOWN, Verdict};
use store::rows::ATTENTION_SHARDS;
use store::{Item, QueryError, text};

use super::super::{ServerFilter, ServerTables, Terms};
use super::chain::Chain;
use super::segment::Kind;
use super::token::Cursor;
use crate::picture::{Picture, places_not_known};

/// What decides which segments there are.
pub(super) struct Plan<'a> {
    pub(super) tables: &'a ServerTables,
    pub(super) filter: &'a ServerFilter,
    /// What is not known, where the list is of that alone.
    pub(super) picture: Option<&'a Picture>,
}

impl Plan<'_> {
    /// The segments of a list from its start.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn start(&self) -> Result<Chain, QueryError> {
        if let Some(places) = self.filter.places() {
            return Ok(Chain::new(Kind::Place, places));
        }
        if let Some((kind, _)) = self.filter.accounts() {
            return Ok(Chain::new(kind, self.accounts(kind)));
        }
        let regions = self.tables.read_regions().await?;
        if self.is_judged(&regions) {
            if self.filter.is_of_the_troubled() {
                return Ok(Chain::new(Kind::Attention, self.shards()));
            }
            if let Some(places) = self.places(&regions).await? {
                return Ok(Chain::new(Kind::Place, places));
            }
        }
        Ok(Chain::new(Kind::Region, self.regions(&regions)))
    }

    /// The segments of a list whatever its filter.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn by_regions(&self) -> Result<Chain, QueryError> {
        let regions = self.tables.read_regions().await?;
        Ok(Chain::new(Kind::Region, self.regions(&regions)))
    }

    /// The segments from where the page before ended; none where no page of this filter can have ended
    /// there.
    ///
    /// # Errors
    /// [`QueryError`] names the table.
    pub(super) async fn resume(&self, cursor: Cursor) -> Result<Option<Chain>, QueryError> {
        let mut values = match cursor.kind {
            Kind::Account | Kind::StagingAccount => self.accounts(cursor.kind),
            Kind::Attention if self.filter.is_of_the_troubled() => self.shards(),
            Kind::Place => match self.filter.places() {
                Some(places) => places,
                // What is known by now is looked through to its end, and no further.
                None if self.filter.is_of_the_unknown() => {
                    self.places(&self.tables.read_regions().await?).await?.unwrap_or_default()
                }
                None => return Ok(None),
            },
            Kind::Attention => return Ok(None),
            Kind::Region => self.regions(&self.tables.read_regions().await?),
        };
        let value = &cursor.value;
        match cursor.kind {
            Kind::Account | Kind::StagingAccount | Kind::Attention => {
                values = values.into_iter().skip_while(|it| it != value).collect();
            }
            Kind::Place => resume_places(&mut values, value),
            Kind::Region if self.can_fit(value) => {
                values.retain(|it| it != value && !cursor.done.contains(it));
                values.push_front(value.clone());
            }
            Kind::Region => return Ok(None),
        }
        Ok(Chain::resumed(cursor, values))
    }

    /// Sorted.
    fn accounts(&self, kind: Kind) -> VecDeque<String> {
        match self.filter.accounts() {
            Some((of_filter, terms)) if of_filter == kind => sorted(terms.wanted()),
            _ => VecDeque::new(),
        }
    }

    /// The worst first. A server that is not known may be stored with any verdict.
    fn shards(&self) -> VecDeque<String> {
        let can_be =
            |name: &str| self.filter.verdict.fit(|wanted| name.eq_ignore_ascii_case(wanted));
        let verdicts = [Verdict::NotReady, Verdict::AtRisk].into_iter();
        let verdicts = verdicts.filter(|it| can_be(UNKNOWN) || can_be(it.name()));
        let shards =
            |it: Verdict| (0..ATTENTION_SHARDS).map(move |shard| format!("{}#{shard}", it.name()));
        verdicts.flat_map(shards).collect()
    }

    /// Sorted; none where the servers that are not known may be anywhere.
    async fn places(&self, regions: &[Item]) -> Result<Option<VecDeque<String>>, QueryError> {
        let Some(picture) = self.picture else { return Ok(None) };
        let places = places_not_known(&self.tables.picture, picture, regions).await?;
        let can_fit =
            |name: &String| Place::parse(name).is_none_or(|place| self.can_fit(&place.region));
        Ok(places.map(|places| places.into_iter().filter(can_fit).collect()))
    }

    /// Those that are known to have servers first.
    fn regions(&self, rows: &[Item]) -> VecDeque<String> {
        let mut names = self.tables.regions_of(rows).all();
        let wanted = sorted(self.filter.region.wanted()).into_iter();
        let unheard_of: Vec<String> = wanted.filter(|name| !names.contains(name)).collect();
        names.extend(unheard_of);
        names.into_iter().filter(|name| self.can_fit(name)).collect()
    }

    fn can_fit(&self, region: &str) -> bool {
        self.filter.region.fit(|wanted| region == wanted)
    }

    /// Whether a sync that judges wrote every row that can fit: the legacy sync judges nothing, and its
    /// rows are in no index of verdicts and places.
    fn is_judged(&self, regions: &[Item]) -> bool {
        let mut rows = regions.iter().filter(|row| self.can_fit(text(row, "region"))).peekable();
        rows.peek().is_some() && rows.all(|row| row.contains_key("counts"))
    }
}

fn sorted<'a>(values: impl Iterator<Item = &'a str>) -> VecDeque<String> {
    values.map(str::to_owned).collect::<BTreeSet<String>>().into_iter().collect()
}

/// Leaves those from `value` on: that place, or the account that it is in as a whole, and what comes
/// after it.
fn resume_places(values: &mut VecDeque<String>, value: &str) {
    let account = Place::parse(value).map(|place| place.account_id);
    let is_it = |it: &str| it == value || account.as_deref() == Some(it);
    values.retain(|it| it.as_str() > value || is_it(it));
    if account.is_some() && !values.front().is_some_and(|it| is_it(it)) {
        values.push_front(value.to_owned());
    }
}

impl ServerFilter {
    /// The accounts of which one must fit, and by what a list is divided for them.
    fn accounts(&self) -> Option<(Kind, &Terms)> {
        let accounts =
            [(Kind::Account, &self.account), (Kind::StagingAccount, &self.staging_account)];
        accounts.into_iter().find(|(_, terms)| terms.wanted().next().is_some())
    }

    /// The places of which one must list a server, sorted; an account stands for all of its own. None
    /// where any place may.
    fn places(&self) -> Option<VecDeque<String>> {
        let wanted = sorted(self.listed_in.wanted());
        let is_in_other =
            |name: &str| Place::parse(name).is_some_and(|place| wanted.contains(&place.account_id));
        let places: VecDeque<String> =
            wanted.iter().filter(|name| !is_in_other(name)).cloned().collect();
        (!places.is_empty()).then_some(places)
    }
}
