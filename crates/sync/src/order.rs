//! Which accounts are asked first, where there may not be time for all.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use model::AccountToQuery;

use super::region_status::KnownRegions;

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
    known: &KnownRegions,
    accounts: Vec<AccountToQuery>,
) -> Vec<Placed> {
    let mut cohorts: BTreeMap<Option<Timestamp>, Cohort> = BTreeMap::new();
    for placed in accounts.into_iter().enumerate() {
        let look = known.last_look(&placed.1.account_id);
        let cohort = cohorts.entry(look.as_ref().map(|look| look.at)).or_default();
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
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    /// What the table says of accounts in one region: status and hour of the last look.
    fn known(entries: &[(&str, &str, u8)], not_entered: &[(&str, u8)]) -> KnownRegions {
        let time = |hour: &u8| text(&format!("2026-11-01T{hour:02}:00:00.000000+00:00"));
        let entry = |(id, status, hour): &(&str, &str, u8)| {
            let entry = HashMap::from([
                ("status".to_owned(), text(status)),
                ("lastChecked".to_owned(), time(hour)),
            ]);
            ((*id).to_owned(), AttributeValue::M(entry))
        };
        let tried = not_entered.iter().map(|(id, hour)| ((*id).to_owned(), time(hour))).collect();
        KnownRegions::from_items(&[
            HashMap::from([
                ("region".to_owned(), text("us-east-1")),
                ("accounts".to_owned(), AttributeValue::M(entries.iter().map(entry).collect())),
            ]),
            HashMap::from([
                ("region".to_owned(), text("#not-entered")),
                ("lastTried".to_owned(), AttributeValue::M(tried)),
            ]),
        ])
    }

    fn order(known: &KnownRegions, ids: &[&str]) -> Vec<(usize, String)> {
        let account = |id: &&str| AccountToQuery { account_id: (*id).to_owned(), listings: vec![] };
        let order = in_order_of_asking(known, ids.iter().map(account).collect());
        order.into_iter().map(|(place, account)| (place, account.account_id)).collect()
    }

    fn ids(order: Vec<(usize, String)>) -> Vec<String> {
        order.into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn nothing_known_is_the_order_of_the_table() {
        let nothing = KnownRegions::default();
        let expected = [(0, "c".to_owned()), (1, "a".to_owned()), (2, "b".to_owned())];
        assert_eq!(order(&nothing, &["c", "a", "b"]), expected);
    }

    #[test]
    fn never_looked_at_comes_first_then_longest_ago_each_with_its_place() {
        let known =
            known(&[("late", "ACTIVE", 9), ("early", "NOT_INITIALIZED", 7)], &[("tried", 8)]);
        let expected = [(3, "never"), (1, "early"), (2, "tried"), (0, "late")];
        let expected = expected.map(|(place, id)| (place, id.to_owned()));
        assert_eq!(order(&known, &["late", "early", "tried", "never"]), expected);
    }

    #[test]
    fn those_that_failed_and_those_that_answered_take_turns() {
        let known = known(
            &[("hangs", "ERROR", 9), ("a", "ACTIVE", 9), ("b", "ACTIVE", 9), ("c", "ACTIVE", 9)],
            &[("tried", 9), ("a", 8)],
        );
        let order = ids(order(&known, &["hangs", "tried", "a", "b", "c"]));
        assert_eq!(order, ["a", "hangs", "b", "tried", "c"]);
    }
}
