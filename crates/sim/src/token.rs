//! The tokens that lead to the next page.

/// What tells this simulator's tokens from others.
const PREFIX: &str = "sim-page-";

/// A page: its number from 1, and the place of its first member from 0.
///
/// The number is carried along, as a client may change the size of its pages on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) start: usize,
}

impl Page {
    pub(crate) const FIRST: Self = Self { number: 1, start: 0 };

    /// None where the token is not one of ours.
    pub(crate) fn of_token(token: &str) -> Option<Self> {
        let (number, start) = token.strip_prefix(PREFIX)?.split_once("-from-")?;
        Some(Self { number: number.parse().ok()?, start: start.parse().ok()? })
    }

    /// The token of the page after this one of `size` members.
    pub(crate) fn next_token(self, size: usize) -> String {
        let (number, start) = (self.number.saturating_add(1), self.start.saturating_add(size));
        format!("{PREFIX}{number}-from-{start}")
    }
}
