//! Which servers of a world are not as they were.

use std::fmt;

/// How many of all servers changed since the sync before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// None.
    Nothing,
    /// One of a hundred.
    OnePercent,
    /// One of five.
    TwentyPercent,
}

impl Change {
    /// Whether the server changed that has this number among those of all accounts. They are spread
    /// evenly.
    pub(crate) fn has(self, number: usize) -> bool {
        self.one_of().is_some_and(|n| number.is_multiple_of(n))
    }

    /// How many of `all` servers changed.
    pub(crate) fn servers(self, all: usize) -> usize {
        self.one_of().map_or(0, |n| all.div_ceil(n))
    }

    fn one_of(self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::OnePercent => Some(100),
            Self::TwentyPercent => Some(5),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "unchanged",
            Self::OnePercent => "1 % changed",
            Self::TwentyPercent => "20 % changed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_it_says_and_never_more_than_there_are() {
        for change in [Change::Nothing, Change::OnePercent, Change::TwentyPercent] {
            for all in [1, 50, 3000] {
                assert_eq!((0..all).filter(|n| change.has(*n)).count(), change.servers(all));
            }
        }
        assert_eq!(Change::OnePercent.servers(3000), 30);
        assert_eq!(Change::TwentyPercent.servers(3000), 600);
    }
}
