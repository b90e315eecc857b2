//! What a list could not know, for people: a list that misses servers must not look like a full one.

use inventory::picture::{HeldBecause, HeldRemoval, NotKnown, Picture, Why};
use inventory::words::moment;

use super::note;
use crate::text::one_line;

/// Lines of things that are not known.
const MOST_LINES: usize = 200;

/// Tells on stderr what `picture` could not know, and which removals wait.
pub(crate) fn warn(picture: &Picture) {
    let Picture { not_known, is_cut, removals_held, .. } = picture;
    if !not_known.is_empty() {
        note("\nNot everything is known; servers of these may be missing or out of date:");
        not_known.iter().take(MOST_LINES).for_each(|it| note(&format!("  {}", line(it))));
    }
    match not_known.len().saturating_sub(MOST_LINES) {
        0 if *is_cut => note("  and more"),
        0 => {}
        left_out => note(&format!("  and {left_out} more")),
    }
    if !removals_held.is_empty() {
        note("\nThese removals wait for `drs-inventory removals approve`:");
        removals_held.iter().for_each(|it| note(&format!("  {}", held(it))));
    }
}

pub(crate) fn line(not_known: &NotKnown) -> String {
    let NotKnown { account_id, region, why, status, since, last_success, servers, .. } = not_known;
    let known = |time: &Option<String>| {
        time.as_deref().map_or_else(|| "an unknown time".to_owned(), moment)
    };
    let (status, since, last) = (status.as_deref(), known(since), known(last_success));
    let status = status.unwrap_or("ERROR");
    let what = match why {
        Why::NoSync => "no sync of all accounts has ended yet".to_owned(),
        Why::CutShort => format!("the sync of {since} was ended before it was done"),
        Why::NeverAsked => "never asked".to_owned(),
        Why::NotEntered | Why::Failed => format!("{status}, since {since}"),
        Why::NeverRead if not_known.since.is_some() => {
            format!("{status}, since {since}; never read")
        }
        Why::NeverRead => "never read".to_owned(),
        Why::Stale => format!("last read {last}"),
        Why::NotRead => format!("not read as a whole by the last sync; before, {last}"),
        Why::NotStored => format!("rows of {servers} servers could not be stored"),
        Why::NoPlace => format!("{servers} servers that no account and region is known to list"),
    };
    let place = match (account_id, region) {
        (Some(account), Some(region)) => format!("{account} {region}"),
        (Some(account), None) => format!("{account} (the whole account)"),
        (None, _) => "all accounts".to_owned(),
    };
    one_line(&format!("{place}: {what}"))
}

/// One removal that waits.
pub(crate) fn held(removal: &HeldRemoval) -> String {
    let HeldRemoval { account_id, region, because, status, count, since } = removal;
    let place = match (account_id, region) {
        (Some(account), Some(region)) => format!("{account} {region}"),
        _ => "the installation".to_owned(),
    };
    let why = match because {
        HeldBecause::TooMany => "no longer listed, too many to go unasked".to_owned(),
        HeldBecause::Closed => {
            format!("of a region that is {}", status.as_deref().unwrap_or("closed"))
        }
    };
    one_line(&format!("{place}: {count} servers {why}, since {since}"))
}
