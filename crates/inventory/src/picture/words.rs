//! What is not known, and what waits, as people say it.

use super::held::{HeldBecause, HeldRemoval};
use super::not_known::{NotKnown, Why};
use crate::words::{count, moment};

impl NotKnown {
    /// As in `333333333333 us-east-1: IAM_PERMISSION_DENIED, since 2026-11-28 09:10 UTC`.
    pub fn in_words(&self) -> String {
        format!("{}: {}", self.place_in_words(), self.why_in_words())
    }

    /// As in `333333333333 us-east-1`.
    pub fn place_in_words(&self) -> String {
        match (&self.account_id, &self.region) {
            (Some(account), Some(region)) => format!("{account} {region}"),
            (Some(account), None) => format!("{account} (the whole account)"),
            (None, _) => "all accounts".to_owned(),
        }
    }

    /// As in `last read 2026-11-28 09:10 UTC`.
    pub fn why_in_words(&self) -> String {
        let known = |time: &Option<String>| {
            time.as_deref().map_or_else(|| "an unknown time".to_owned(), moment)
        };
        let (since, last) = (known(&self.since), known(&self.last_success));
        let status = self.status.as_deref().unwrap_or("ERROR");
        match self.why {
            Why::NoSync => "no sync of all accounts has ended yet".to_owned(),
            Why::CutShort => format!("the sync of {since} was ended before it was done"),
            Why::NeverAsked => "never asked".to_owned(),
            Why::NeverAdded => format!("in the organization as of {since}, never added"),
            Why::NotEntered | Why::Failed => format!("{status}, since {since}"),
            Why::NeverRead if self.since.is_some() => {
                format!("{status}, since {since}; never read")
            }
            Why::NeverRead => "never read".to_owned(),
            Why::Stale => format!("last read {last}"),
            Why::NotRead => format!("not read as a whole by the last sync; before, {last}"),
            Why::NotStored => {
                format!("rows of {} could not be stored", count(self.servers, "server"))
            }
            Why::NoPlace => format!(
                "{} that no account and region is known to list",
                count(self.servers, "server")
            ),
        }
    }
}

impl HeldRemoval {
    /// As in `222222222222 eu-west-1: 31 servers no longer listed, too many to go unasked, since …`.
    pub fn in_words(&self) -> String {
        let (place, why) = (self.place_in_words(), self.why_in_words());
        format!("{place}: {} {why}, since {}", count(self.count, "server"), self.since)
    }

    /// As in `222222222222 eu-west-1`.
    pub fn place_in_words(&self) -> String {
        match (&self.account_id, &self.region) {
            (Some(account), Some(region)) => format!("{account} {region}"),
            _ => "the installation".to_owned(),
        }
    }

    /// As in `no longer listed, too many to go unasked`.
    pub fn why_in_words(&self) -> String {
        match self.because {
            HeldBecause::TooMany => "no longer listed, too many to go unasked".to_owned(),
            HeldBecause::Closed => {
                format!("of a region that is {}", self.status.as_deref().unwrap_or("closed"))
            }
        }
    }
}
