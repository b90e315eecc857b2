//! What came of asking one account in one region.

use model::{Failure, Place};

/// What came of asking a place: how many servers, or why none.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceOutcome {
    /// The account and region.
    pub place: Place,
    /// Distinct servers that DRS listed.
    pub result: Result<u64, Failure>,
    /// One for each server that is listed and cannot be read.
    pub unreadable: Vec<Failure>,
    hides_servers: bool,
}

impl PlaceOutcome {
    /// A place that answered.
    pub fn answered(place: Place, servers: u64, unreadable: Vec<Failure>) -> Self {
        Self { place, result: Ok(servers), unreadable, hides_servers: false }
    }

    /// A place that did not, and whether servers may be there that nobody sees.
    pub fn failed(place: Place, failure: Failure, hides_servers: bool) -> Self {
        Self { place, result: Err(failure), unreadable: Vec::new(), hides_servers }
    }

    /// The failure for which the picture misses servers; none where the place answered, or is not in
    /// use and holds none.
    pub fn hiding(&self) -> Option<&Failure> {
        self.result.as_ref().err().filter(|_| self.hides_servers)
    }
}
