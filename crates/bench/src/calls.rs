//! How many calls a sync made, and how many it cannot do without.

use std::fmt;

use model::region::REFACTORED_REGIONS;
use serde::Serialize;
use sim::RecordedCall;
use sync::ec2::FILTER_VALUES;

use crate::plan::Sync;
use crate::shape::Shape;

/// Servers of one page. The sync leaves the number to DRS; this is the simulator's.
const DRS_PAGE: usize = 200;

/// Calls by service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Calls {
    pub(crate) sts: usize,
    pub(crate) drs: usize,
    pub(crate) ec2: usize,
}

impl Calls {
    /// Those of the record.
    pub(crate) fn made(record: &[RecordedCall]) -> Self {
        let count = |service: &str| record.iter().filter(|call| call.service == service).count();
        Self { sts: count("sts"), drs: count("drs"), ec2: count("ec2") }
    }

    /// The greater of both, service by service.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            sts: self.sts.max(other.sts),
            drs: self.drs.max(other.drs),
            ec2: self.ec2.max(other.ec2),
        }
    }

    /// The fewest that tell all: one identity and one role an account; one page of DRS in every
    /// region that is asked, more where it has more servers; one call of EC2 for 200 servers of an
    /// account and region. A first sync asks every region, a later one those with servers.
    pub(crate) fn fewest(shape: Shape, sync: Sync) -> Self {
        let with_servers = shape.servers_by_region().filter(|(_, servers)| *servers > 0);
        let with_servers: Vec<usize> = with_servers.map(|(_, servers)| servers).collect();
        let pages: usize = with_servers.iter().map(|servers| servers.div_ceil(DRS_PAGE)).sum();
        let empty = match sync {
            Sync::First => REFACTORED_REGIONS.len() - with_servers.len(),
            Sync::Second(_) | Sync::Tenth(_) => 0,
        };
        let ec2: usize = with_servers.iter().map(|servers| servers.div_ceil(FILTER_VALUES)).sum();
        Self {
            sts: 1 + shape.accounts,
            drs: (pages + empty) * shape.accounts,
            ec2: ec2 * shape.accounts,
        }
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "STS {}, DRS {}, EC2 {}", self.sts, self.drs, self.ec2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;

    #[test]
    fn a_second_sync_asks_where_servers_are() {
        let shape = Shape::new(10, 6, 300);
        assert_eq!(Calls::fewest(shape, Sync::First), Calls { sts: 11, drs: 340, ec2: 60 });
        assert_eq!(
            Calls::fewest(shape, Sync::Second(Change::Nothing)),
            Calls { sts: 11, drs: 60, ec2: 60 }
        );
    }

    #[test]
    fn many_servers_of_a_region_take_several_pages() {
        let fewest = Calls::fewest(Shape::new(1, 1, 401), Sync::Second(Change::Nothing));
        assert_eq!(fewest, Calls { sts: 2, drs: 3, ec2: 3 });
    }
}
