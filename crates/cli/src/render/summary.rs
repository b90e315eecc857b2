//! What a sync did, for people: what is missing comes with its reason and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use inventory::Outcome;
use inventory::readiness::in_words;
use inventory::words::{count, grouped};
use legacy::Totals;
use model::FailureKind;
use sync::Report;
use sync::report::Missing;

use crate::text::{one_line, store_option};

/// Accounts that a command names; of more, all are checked.
const MOST_TO_CHECK: usize = 5;

/// What to do where there is nothing to ask.
pub(crate) fn no_accounts(store: Option<&str>) -> String {
    format!(
        "No target accounts yet. Find them in your organization, or add one:\n  \
        drs-inventory accounts discover{}\n  \
        drs-inventory accounts add 222222222222{} --name payments-prod \\\n    \
        --role-arn arn:aws:iam::222222222222:role/DRSOrchestrationRole --external-id YOUR-EXTERNAL-ID",
        store_option(store),
        store_option(store)
    )
}

/// The summary of `outcome`, of a sync into `store`; of these accounts alone, where there are some.
pub(crate) fn summary(outcome: &Outcome, store: Option<&str>, only: &[String]) -> String {
    match outcome {
        Outcome::Refactored(report) => of_report(report, store, only),
        Outcome::Legacy(Totals::NotConfigured) => {
            "SOURCE_SERVER_INVENTORY_TABLE not configured\n".to_owned()
        }
        Outcome::Legacy(Totals::Done { synced, errors, .. }) => {
            format!("{synced} servers queued, {errors} errors\n")
        }
    }
}

fn of_report(report: &Report, store: Option<&str>, only: &[String]) -> String {
    let (asked, skipped) = (report.accounts_asked, report.accounts_skipped.len());
    if asked == 0 && skipped == 0 {
        return no_accounts(store) + "\n";
    }
    let mut text = String::new();
    let seconds = report.duration_ms as f64 / 1000.0;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} servers found, {} with EC2 metadata, {} stored, {} unchanged, {} not stored",
        report.servers_found,
        report.servers_enriched,
        report.servers_written,
        report.servers_unchanged,
        report.servers_failed,
    );
    text.push_str(&absence(report, store));
    let regions = report.regions_asked;
    let _ = writeln!(text, "{asked} accounts and {regions} regions asked in {seconds:.1} s");
    if skipped > 0 {
        let _ = writeln!(text, "{} could not be entered", count(skipped as u64, "account"));
    }
    text.push_str(&not_in_use(&report.not_in_use));
    text.push_str(&verdicts(&report.readiness));
    if !only.is_empty() {
        let only = one_line(&only.join(", "));
        let _ =
            writeln!(text, "Only {only} asked; all other accounts stay as they were read last.");
    }
    match report.failed.as_slice() {
        [] if only.is_empty() => text.push_str("The picture is complete.\n"),
        [] => text.push_str("What was asked is complete.\n"),
        failed => text.push_str(&failures(failed)),
    }
    text
}

/// Servers that DRS no longer lists, where there are some.
fn absence(report: &Report, store: Option<&str>) -> String {
    let mut text = String::new();
    let (missing, removed) = (report.servers_missing, report.servers_removed);
    // Writing to a string cannot fail.
    if missing > 0 {
        let _ = writeln!(text, "{missing} servers that DRS no longer lists are flagged");
    }
    if removed > 0 {
        let _ = writeln!(text, "{removed} servers that DRS no longer listed were removed");
    }
    for (place, count) in &report.removals_held {
        let place = one_line(place);
        let _ = writeln!(text, "{count} removals in {place} wait for an approval");
    }
    if !report.removals_held.is_empty() {
        let _ = writeln!(text, "  see: drs-inventory removals list{}", store_option(store));
    }
    text
}

fn not_in_use(counts: &BTreeMap<&str, usize>) -> String {
    let counts: Vec<String> =
        counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    if counts.is_empty() { String::new() } else { format!("Not in use: {}\n", counts.join(", ")) }
}

/// Account, kind and cause of entries that are one for a person.
type Cause<'a> = (&'a str, FailureKind, &'a str, &'a str, &'a str, &'a str);

fn failures(failed: &[Missing]) -> String {
    let mut causes: BTreeMap<Cause<'_>, Vec<&str>> = BTreeMap::new();
    for missing in failed {
        let Missing { kind, account, status, code, message, what_to_do, .. } = missing;
        let cause = (
            account.as_str(),
            *kind,
            *status,
            code.as_str(),
            message.as_str(),
            what_to_do.as_str(),
        );
        let place = missing.row.as_deref().or(missing.region.as_deref()).unwrap_or_default();
        causes.entry(cause).or_default().push(place);
    }
    let mut out = format!("\nThe picture is incomplete, {} missing:\n", failed.len());
    for ((account, kind, status, code, message, what_to_do), places) in causes {
        let account = if account.is_empty() { "all accounts" } else { account };
        let what = match kind {
            FailureKind::Server => "a server of",
            FailureKind::Account => "account",
            FailureKind::Ec2 => "EC2 of",
            FailureKind::Row => "row",
            FailureKind::Region => "region",
        };
        let places = places.join(", ");
        let why = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
        let head = format!("{account} {what} {places}");
        let _ = writeln!(out, "  {}: {}", one_line(head.trim_end()), one_line(status));
        let _ = writeln!(out, "    why: {}", one_line(&why));
        let _ = writeln!(out, "    do:  {}", one_line(what_to_do));
    }
    out
}

/// The command that says what to change in the accounts that could not be read.
pub(crate) fn what_to_check(outcome: &Outcome, store: Option<&str>) -> String {
    let Outcome::Refactored(report) = outcome else { return String::new() };
    let failed = &report.failed;
    let is_account = |missing: &&Missing| {
        let kinds = [FailureKind::Account, FailureKind::Region, FailureKind::Ec2];
        kinds.contains(&missing.kind) && model::is_account_id(&missing.account)
    };
    let accounts: BTreeSet<&str> =
        failed.iter().filter(is_account).map(|missing| missing.account.as_str()).collect();
    if accounts.is_empty() {
        return String::new();
    }
    let store = store_option(store);
    let named: Vec<&str> = accounts.iter().take(MOST_TO_CHECK).copied().collect();
    let all = if accounts.len() > MOST_TO_CHECK { "all of them" } else { "them" };
    let named = if accounts.len() > MOST_TO_CHECK {
        String::new()
    } else {
        format!(" {}", named.join(" "))
    };
    format!("\nTo check {all} step by step:\n  drs-inventory accounts check{named}{store}\n")
}

/// As in `Ready 35, at risk 12, not ready 9`.
fn verdicts(readiness: &BTreeMap<String, u64>) -> String {
    let named = ["READY", "AT_RISK", "NOT_READY", "UNKNOWN"];
    let some = named.into_iter().filter_map(|name| Some((name, readiness.get(name)?)));
    let some: Vec<String> =
        some.map(|(name, servers)| format!("{} {}", in_words(name), grouped(*servers))).collect();
    match some.is_empty() {
        true => String::new(),
        false => format!("Verdicts: {}\n", some.join(", ")),
    }
}
