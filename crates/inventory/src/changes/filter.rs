//! Which entries of the history are asked for.

use jiff::Timestamp;
use model::Place;
use serde::{Deserialize, Serialize};
use store::rows::ChangeKind;
use store::{Item, text};

use crate::servers::one::suffix;

/// What an entry must fit. Nothing set: every one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeFilter {
    /// A server's ARN, `ACCOUNT/REGION`, or an account's id.
    pub subject: Option<String>,
    /// The id of a server whose ARN is not known.
    pub source_server_id: Option<String>,
    /// What concerns this account: the account itself, its regions, and the servers that it lists.
    pub account: Option<String>,
    /// What concerns this region, in whatever account.
    pub region: Option<String>,
    /// These kinds; none: all but summaries of whole syncs, which only a question for them gets.
    pub kinds: Vec<ChangeKind>,
    /// From this time on.
    #[serde(skip)]
    pub since: Option<Timestamp>,
    /// Up to this time.
    #[serde(skip)]
    pub until: Option<Timestamp>,
}

impl ChangeFilter {
    /// Of one subject, every entry.
    pub fn of(subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..Self::default() }
    }

    pub(super) fn without_times(&self) -> Self {
        Self { since: None, until: None, ..self.clone() }
    }

    pub(super) fn fits(&self, entry: &Item) -> bool {
        let subject = text(entry, "subject");
        let kind = text(entry, "kind");
        let (account, region) = concerned(subject);
        let is = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
        };
        is(&self.subject, Some(subject))
            && is(&self.account, Some(&account))
            && is(&self.region, region.as_deref())
            && self.kind_fits(kind)
            && self.source_server_id.as_ref().is_none_or(|id| subject.ends_with(&suffix(id)))
    }
}

impl ChangeFilter {
    fn kind_fits(&self, kind: &str) -> bool {
        match self.kinds.as_slice() {
            [] => kind != ChangeKind::Summary.name(),
            kinds => kinds.iter().any(|wanted| wanted.name() == kind),
        }
    }
}

/// Account and region that a subject is of.
fn concerned(subject: &str) -> (String, Option<String>) {
    let of_server = Place::of_arn(subject);
    let is_arn = subject.starts_with("arn:");
    let place = of_server.or_else(|| Place::parse(subject).filter(|_| !is_arn));
    match place {
        Some(place) => (place.account_id, Some(place.region)),
        None => (subject.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_of_an_account_and_mostly_of_a_region() {
        let region = Some("us-east-1".to_owned());
        let account = "222222222222".to_owned();
        let arn = "arn:aws:drs:us-east-1:222222222222:source-server/s-1";
        assert_eq!(concerned(arn), (account.clone(), region.clone()));
        assert_eq!(concerned("222222222222/us-east-1"), (account.clone(), region));
        assert_eq!(concerned(&account), (account.clone(), None));
        assert_eq!(concerned("arn:x/y"), ("arn:x/y".to_owned(), None));
    }
}
