//! The screen of `status`: the worst and the least known first.

use std::fmt::Write;

use inventory::capacity::PlaceCapacity;
use inventory::overview::{NextStep, Overview, RegionOverview, RunningDrills, Verdicts};
use inventory::words::{ago, count, grouped, moment, percent};
use jiff::Timestamp;
use store::rows::Counts;

use super::picture;
use crate::text::{for_terminal, store_option};

/// Lines of things that are not known, of regions, and of removals.
const MOST_LINES: usize = 8;

/// The whole screen, as of `now`. `store` is as it was given, for the commands that are named.
pub(crate) fn screen(overview: &Overview, now: Timestamp, store: Option<&str>) -> String {
    let store = store_option(store);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{}\n{}\n", title(overview, now), answer(overview));
    text += &not_known(overview, &store);
    let _ = write!(text, "\n{}\n", verdicts(overview));
    text += &classes(&overview.counts);
    text += &beside(overview, now, &store);
    text += &next(overview, &store);
    text += &regions(&overview.regions);
    text += &removals(overview, &store);
    for_terminal(&text)
}

fn title(overview: &Overview, now: Timestamp) -> String {
    let as_of = overview.picture.as_of.as_deref();
    match as_of {
        None => "Disaster recovery readiness; no sync has ended yet".to_owned(),
        Some(time) => {
            let (at, age) = (moment(time), ago(as_of, now));
            format!("Disaster recovery readiness as of {at} ({age} ago)")
        }
    }
}

/// The answer to the question that everybody has.
fn answer(overview: &Overview) -> String {
    let Overview { places, places_known, verdicts, .. } = overview;
    let known = format!(
        "Known: {} ({} of {} accounts and regions)",
        percent(*places_known, *places),
        grouped(*places_known),
        grouped(*places)
    );
    match (overview.is_proven(), verdicts.total()) {
        (_, 0) => format!("NO SERVERS. {known}"),
        (true, _) => format!("PROVEN READY. {known}"),
        (false, _) => format!("NOT PROVEN READY. {known}"),
    }
}

fn not_known(overview: &Overview, store: &str) -> String {
    let not_known = &overview.picture.not_known;
    if not_known.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for it in not_known.iter().take(MOST_LINES) {
        let servers = match it.servers {
            0 => String::new(),
            servers => format!(", {}", count(servers, "server")),
        };
        let _ = writeln!(text, "  not known: {}{servers}", picture::line(it));
    }
    let left = not_known.len().saturating_sub(MOST_LINES);
    if left > 0 || overview.picture.is_cut {
        let _ = writeln!(text, "  and {} more: drs-inventory{store} regions", grouped(left as u64));
    }
    text
}

fn verdicts(overview: &Overview) -> String {
    let Verdicts { ready, at_risk, not_ready, unknown } = overview.verdicts;
    let cards =
        [("READY", ready), ("AT RISK", at_risk), ("NOT READY", not_ready), ("UNKNOWN", unknown)];
    let cards = cards.map(|(name, servers)| format!("{name} {}", grouped(servers)));
    let unprotected = overview.beside.unprotected;
    let unprotected = unprotected.map(|it| format!(" | UNPROTECTED {}", grouped(it)));
    let servers = count(overview.verdicts.total(), "server");
    format!("{}   of {servers}{}", cards.join(" | "), unprotected.unwrap_or_default())
}

/// What is told where somebody asked for it, or where it is there.
fn beside(overview: &Overview, now: Timestamp, store: &str) -> String {
    let mut text = String::new();
    let drills = overview.beside.drills.as_ref();
    if let Some(RunningDrills { instances: running @ 1.., oldest_since }) = drills {
        let instances = count(*running, "drill instance");
        let oldest = oldest_since.as_deref().map(|since| format!(", {}", ago(Some(since), now)));
        let _ = writeln!(text, "Still running: {instances}{}", oldest.unwrap_or_default());
    }
    if let Some(PlaceCapacity { account_id, region, replicating: Some(replicating), of }) =
        overview.capacity.places.first()
    {
        let replicating = grouped(*replicating);
        let _ = writeln!(text, "Fullest: {account_id} {region}, {replicating} of {of} replicating");
    }
    if overview.counts.missing() > 0 {
        let leaving = count(overview.counts.missing(), "server");
        let _ = writeln!(
            text,
            "No longer listed: {leaving} (drs-inventory{store} changes --kind missing)"
        );
    }
    text
}

fn classes(counts: &Counts) -> String {
    let lag = |name| grouped(counts.lag.of(name));
    let age = |name| grouped(counts.drill_ages.of(name));
    let extended = match counts.extended {
        0 => String::new(),
        1 => "1 of them is the extended copy of a server in a staging account\n".to_owned(),
        copies => {
            let copies = grouped(copies);
            format!("{copies} of them are extended copies of servers in staging accounts\n")
        }
    };
    format!(
        "Lag against RPO: ≤1× {} | ≤2× {} | ≤4× {} | more {} | none {}\n\
         Last drill: <90 d {} | <180 d {} | older {} | never {}\n{extended}",
        lag("WITHIN"),
        lag("TWICE"),
        lag("FOUR_TIMES"),
        lag("MORE"),
        lag("NONE"),
        age("UNDER_90_DAYS"),
        age("UNDER_180_DAYS"),
        age("OLDER"),
        age("NEVER"),
    )
}

fn next(overview: &Overview, store: &str) -> String {
    if overview.next.is_empty() {
        return String::new();
    }
    let mut text = String::from("\nDo this next\n");
    for NextStep { code, servers, region, account_id, accounts, what_to_do, .. } in &overview.next {
        let servers = count(*servers, "server");
        let place = match (account_id, accounts) {
            (Some(account), 1) => format!("{account} {region}"),
            (Some(account), more) => format!("{region}: {account} and {} more", more - 1),
            (None, _) => region.clone(),
        };
        let _ = writeln!(text, "  {servers:>14}  {code:<20} {place}\n{:18}{what_to_do}", "");
    }
    let _ = writeln!(text, "  Which: drs-inventory{store} servers --reason CODE --region REGION");
    text
}

fn regions(regions: &[RegionOverview]) -> String {
    if regions.is_empty() {
        return String::new();
    }
    let mut text =
        String::from("\nRegions, the worst first      ready  at risk  not ready  unknown\n");
    for RegionOverview { region, verdicts, accounts_failed, .. } in regions.iter().take(MOST_LINES)
    {
        let Verdicts { ready, at_risk, not_ready, unknown } = *verdicts;
        let [ready, at_risk, not_ready, unknown] =
            [ready, at_risk, not_ready, unknown].map(grouped);
        let failed = match accounts_failed {
            0 => String::new(),
            failed => format!("   {} not read", count(*failed, "account")),
        };
        let _ = writeln!(
            text,
            "  {region:<24} {ready:>8} {at_risk:>8} {not_ready:>10} {unknown:>8}{failed}"
        );
    }
    let left = regions.len().saturating_sub(MOST_LINES);
    if left > 0 {
        let _ = writeln!(text, "  and {}", count(left as u64, "more region"));
    }
    text
}

fn removals(overview: &Overview, store: &str) -> String {
    let held = &overview.picture.removals_held;
    if held.is_empty() {
        return String::new();
    }
    let mut text = format!("\nRemovals that wait (drs-inventory{store} removals list)\n");
    for removal in held.iter().take(MOST_LINES) {
        let _ = writeln!(text, "  {}", picture::held(removal));
    }
    text
}
