//! Verdicts as people see them: a word and a shape beside each colour.

use inventory::readiness::in_words;

/// A verdict on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Badge {
    /// The class of the style sheet.
    pub(super) class: &'static str,
    /// Told apart without colours.
    pub(super) shape: &'static str,
    /// As in `not ready`.
    pub(super) word: &'static str,
}

impl Badge {
    /// Of a verdict, as in `NOT_READY`; of anything else, unknown.
    pub(super) fn of(verdict: &str) -> Self {
        let (class, shape) = match verdict {
            "READY" => ("ready", "●"),
            "AT_RISK" => ("at-risk", "▲"),
            "NOT_READY" => ("not-ready", "■"),
            _ => ("unknown", "?"),
        };
        Self { class, shape, word: in_words(verdict) }
    }
}
