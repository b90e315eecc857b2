//! What a list could not know, for people: a list that misses servers must not look like a full one.

use inventory::picture::{HeldRemoval, NotKnown, Picture};

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
    one_line(&not_known.in_words())
}

/// One removal that waits.
pub(crate) fn held(removal: &HeldRemoval) -> String {
    one_line(&removal.in_words())
}
