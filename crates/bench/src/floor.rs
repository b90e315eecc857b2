//! The floor: the time that calls which depend on each other must take, and nothing on top.

use std::collections::BTreeMap;
use std::time::Duration;

use sim::RecordedCall;

/// The least time that the calls of a record can take, however well they overlap, without the
/// store and without any work of the sync's own.
///
/// The hub's identity comes first. Then all accounts may run at the same time, so that the longest
/// counts. One account takes its role, where one is assumed, and then the longest of:
/// - the pages of its longest region, which follow one another;
/// - all pages of DRS in full waves, since at most `regions_at_once` calls run at once;
/// - one page of DRS, and the calls of its longest EC2 group: EC2 is asked for what DRS has listed,
///   but other regions may still be asked meanwhile.
///
/// A call counts as long as the fastest recorded one of its service: a busy machine must not raise
/// the floor. EC2 of an origin account that is not the account asked counts for the origin account;
/// the worlds of the benchmarks have no such servers.
pub(crate) fn floor(record: &[RecordedCall], regions_at_once: usize) -> Duration {
    let took = |service| fastest(record, service);
    let (sts, drs, ec2) = (took("sts"), took("drs"), took("ec2"));
    let account = |calls: &Account| {
        let longest = calls.drs.values().copied().max().unwrap_or(0);
        let waves = calls.drs.values().sum::<u32>().div_ceil(saturating(regions_at_once.max(1)));
        let group = calls.ec2.values().copied().max().unwrap_or(0);
        let listed_and_enriched = drs * longest.min(1) + ec2 * group;
        sts * calls.roles.min(1) + (drs * longest.max(waves)).max(listed_and_enriched)
    };
    let longest = by_account(record).values().map(account).max().unwrap_or_default();
    let identified = record.iter().any(|call| call.operation == "GetCallerIdentity");
    sts * u32::from(identified) + longest
}

/// The calls of one account: by region where regions matter.
#[derive(Default)]
struct Account<'a> {
    roles: u32,
    drs: BTreeMap<&'a str, u32>,
    ec2: BTreeMap<&'a str, u32>,
}

fn by_account(record: &[RecordedCall]) -> BTreeMap<&str, Account<'_>> {
    let mut accounts: BTreeMap<&str, Account<'_>> = BTreeMap::new();
    for call in record {
        let account = accounts.entry(&call.account).or_default();
        match (call.service.as_str(), call.operation.as_str()) {
            ("drs", _) => *account.drs.entry(&call.region).or_default() += 1,
            ("ec2", _) => *account.ec2.entry(&call.region).or_default() += 1,
            (_, "AssumeRole") => account.roles += 1,
            _ => {}
        }
    }
    accounts
}

fn fastest(record: &[RecordedCall], service: &str) -> Duration {
    let calls = record.iter().filter(|call| call.service == service);
    Duration::from_micros(calls.filter_map(|call| call.took_us).min().unwrap_or(0))
}

fn saturating(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: &str, operation: &str, account: &str, region: &str) -> RecordedCall {
        let took = if service == "sts" { 50_000 } else { 100_000 };
        RecordedCall {
            service: service.to_owned(),
            operation: operation.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            ids: 0,
            start_us: 0,
            took_us: Some(took),
            outcome: "answered".to_owned(),
        }
    }

    fn entered(account: &str) -> Vec<RecordedCall> {
        vec![
            call("sts", "GetCallerIdentity", "hub", "us-east-1"),
            call("sts", "AssumeRole", account, "us-east-1"),
        ]
    }

    fn pages(service: &str, account: &str, regions: usize, each: usize) -> Vec<RecordedCall> {
        let region = |n: usize| format!("region-{}", n / each);
        (0..regions * each).map(|n| call(service, "Describe", account, &region(n))).collect()
    }

    fn milliseconds(calls: &[Vec<RecordedCall>]) -> u128 {
        floor(&calls.concat(), 10).as_millis()
    }

    #[test]
    fn every_region_of_one_account_in_waves_of_ten() {
        let ec2 = pages("ec2", "a", 6, 1);
        let first = [entered("a"), pages("drs", "a", 34, 1), ec2.clone()];
        assert_eq!(milliseconds(&first), 50 + 50 + 4 * 100);
        let second = [entered("a"), pages("drs", "a", 6, 1), ec2];
        assert_eq!(milliseconds(&second), 50 + 50 + 100 + 100);
    }

    #[test]
    fn pages_of_a_region_follow_one_another() {
        let calls = [entered("a"), pages("drs", "a", 1, 4), pages("ec2", "a", 1, 2)];
        assert_eq!(milliseconds(&calls), 50 + 50 + 400);
    }

    #[test]
    fn ec2_is_asked_for_what_drs_has_listed() {
        let calls = [entered("a"), pages("drs", "a", 1, 2), pages("ec2", "a", 1, 3)];
        assert_eq!(milliseconds(&calls), 50 + 50 + 100 + 300);
    }

    #[test]
    fn accounts_overlap_and_the_longest_counts() {
        let (one, two) = (pages("drs", "a", 2, 1), pages("drs", "b", 11, 1));
        assert_eq!(milliseconds(&[entered("a"), one, entered("b"), two]), 50 + 50 + 200);
    }

    #[test]
    fn a_slow_machine_does_not_raise_it() {
        let mut drs = pages("drs", "hub", 2, 1);
        drs[1].took_us = Some(900_000);
        assert_eq!(milliseconds(&[drs]), 100);
        assert_eq!(milliseconds(&[]), 0);
    }
}
