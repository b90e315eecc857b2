//! Units that are added up, whatever operation consumed them.

use std::ops::{Add, Mul, Sub};

use super::Counts;

/// Units of tables, of their indexes, and of reads.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Amount {
    pub(super) tables: f64,
    pub(super) indexes: f64,
    pub(super) reads: f64,
}

impl Amount {
    pub(super) fn of(counts: &Counts) -> Self {
        let written = |index: bool| {
            let units = counts.units.iter().filter(|units| units.index.is_some() == index);
            units.map(|units| units.write).sum()
        };
        Self { tables: written(false), indexes: written(true), reads: counts.read() }
    }

    fn each(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            tables: of(self.tables, other.tables),
            indexes: of(self.indexes, other.indexes),
            reads: of(self.reads, other.reads),
        }
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.each(other, |one, other| one + other)
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.each(other, |one, other| one - other)
    }
}

impl Mul<f64> for Amount {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        self.each(self, |one, _| one * times)
    }
}
