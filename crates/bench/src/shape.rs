//! The size of a world: accounts, regions, servers.

use std::fmt;
use std::str::FromStr;

use model::region::REFACTORED_REGIONS;

/// So many accounts, each with `servers` servers spread over the first `regions` regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) accounts: usize,
    pub(crate) regions: usize,
    pub(crate) servers: usize,
}

impl Shape {
    pub(crate) const fn new(accounts: usize, regions: usize, servers: usize) -> Self {
        Self { accounts, regions, servers }
    }

    /// The servers of all accounts.
    pub(crate) fn all_servers(self) -> usize {
        self.accounts * self.servers
    }

    /// The regions with servers, and how many servers of one account each has.
    pub(crate) fn servers_by_region(self) -> impl Iterator<Item = (&'static str, usize)> {
        let each = self.servers / self.regions;
        let rest = self.servers % self.regions;
        let regions = REFACTORED_REGIONS.into_iter().take(self.regions).enumerate();
        regions.map(move |(n, region)| (region, each + usize::from(n < rest)))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.accounts, self.regions, self.servers)
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<usize>, _> = text.split(['x', '×']).map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[accounts @ 1..=100_000, regions, servers @ 1..=100_000])
                if (1..=REFACTORED_REGIONS.len()).contains(&regions) =>
            {
                Ok(Self { accounts, regions, servers })
            }
            _ => Err(format!(
                "expected ACCOUNTSxREGIONSxSERVERS with up to {} regions, as in 10x6x300",
                REFACTORED_REGIONS.len()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_it_is_read() {
        let shape: Shape = "10x6x300".parse().unwrap();
        assert_eq!(shape, Shape::new(10, 6, 300));
        assert_eq!(shape.to_string().parse(), Ok(shape));
        for wrong in ["", "1x6", "0x6x50", "1x0x50", "1x35x50", "1x6x0", "1x6xa", "1x6x50x1"] {
            assert!(wrong.parse::<Shape>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_server_has_a_region() {
        let counts: Vec<usize> = Shape::new(1, 6, 50).servers_by_region().map(|(_, n)| n).collect();
        assert_eq!(counts, [9, 9, 8, 8, 8, 8]);
    }
}
