//! Which accounts are asked first, where there may not be time for all.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use model::AccountToQuery;

use super::ledger::Look;

/// An account, and its place in the accounts table.
type Placed = (usize, AccountToQuery);

/// Accounts that were last looked at together, in the order of the table.
#[derive(Default)]
struct Cohort {
    answered: VecDeque<Placed>,
    failed: VecDeque<Placed>,
}

/// The accounts never looked at, then those looked at longest ago.
///
/// Of those looked at in the same sync the ones that answered and the ones that failed take turns.
/// The failed ones may hang again, and must not take all places; or they may only have come late,
/// and must not be late for ever.
pub(super) fn in_order_of_asking(
    looks: &HashMap<String, Look>,
    accounts: Vec<AccountToQuery>,
) -> Vec<Placed> {
    let mut cohorts: BTreeMap<Option<Timestamp>, Cohort> = BTreeMap::new();
    for placed in accounts.into_iter().enumerate() {
        let look = looks.get(&placed.1.account_id);
        let cohort = cohorts.entry(look.map(|look| look.at)).or_default();
        let failed = look.is_some_and(|look| look.failed);
        if failed { &mut cohort.failed } else { &mut cohort.answered }.push_back(placed);
    }
    cohorts.into_values().flat_map(Cohort::in_turns).collect()
}

impl Cohort {
    fn in_turns(mut self) -> Vec<Placed> {
        let mut order = Vec::with_capacity(self.answered.len() + self.failed.len());
        while !(self.answered.is_empty() && self.failed.is_empty()) {
            order.extend(self.answered.pop_front());
            order.extend(self.failed.pop_front());
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each account was last looked at, by the hour, and whether in vain.
    fn looks(looks: &[(&str, u8, bool)]) -> HashMap<String, Look> {
        let look = |(id, hour, failed): &(&str, u8, bool)| {
            let at = format!("2026-11-01T{hour:02}:00:00Z").parse().unwrap();
            ((*id).to_owned(), Look { at, failed: *failed })
        };
        looks.iter().map(look).collect()
    }

    fn order(looks: &HashMap<String, Look>, ids: &[&str]) -> Vec<(usize, String)> {
        let account = |id: &&str| AccountToQuery { account_id: (*id).to_owned(), listings: vec![] };
        let order = in_order_of_asking(looks, ids.iter().map(account).collect());
        order.into_iter().map(|(place, account)| (place, account.account_id)).collect()
    }

    fn ids(order: Vec<(usize, String)>) -> Vec<String> {
        order.into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn nothing_known_is_the_order_of_the_table() {
        let expected = [(0, "c".to_owned()), (1, "a".to_owned()), (2, "b".to_owned())];
        assert_eq!(order(&HashMap::new(), &["c", "a", "b"]), expected);
    }

    #[test]
    fn never_looked_at_comes_first_then_longest_ago_each_with_its_place() {
        let looks = looks(&[("late", 9, false), ("early", 7, false), ("tried", 8, true)]);
        let expected = [(3, "never"), (1, "early"), (2, "tried"), (0, "late")];
        let expected = expected.map(|(place, id)| (place, id.to_owned()));
        assert_eq!(order(&looks, &["late", "early", "tried", "never"]), expected);
    }

    #[test]
    fn those_that_failed_and_those_that_answered_take_turns() {
        let looks = looks(&[
            ("hangs", 9, true),
            ("tried", 9, true),
            ("a", 9, false),
            ("b", 9, false),
            ("c", 9, false),
        ]);
        let order = ids(order(&looks, &["hangs", "tried", "a", "b", "c"]));
        assert_eq!(order, ["a", "hangs", "b", "tried", "c"]);
    }
}
