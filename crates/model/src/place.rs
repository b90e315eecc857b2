//! A place: one account and region that DRS is asked in.

use std::fmt;

/// One account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Twelve digits.
    pub account_id: String,
    /// As in `us-east-1`.
    pub region: String,
}

impl Place {
    /// The place of that account and region.
    pub fn new(account_id: &str, region: &str) -> Self {
        Self { account_id: account_id.to_owned(), region: region.to_owned() }
    }

    /// Reads `ACCOUNT/REGION`.
    pub fn parse(text: &str) -> Option<Self> {
        let (account_id, region) = text.split_once('/')?;
        let is_place = !account_id.is_empty() && !region.is_empty() && !region.contains('/');
        is_place.then(|| Self::new(account_id, region))
    }

    /// The place that an ARN of a source server names, as in
    /// `arn:aws:drs:us-east-1:222222222222:source-server/s-1`.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let mut parts = arn.split(':').skip(2);
        let (service, region, account_id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_place = service == "drs" && !region.is_empty() && !account_id.is_empty();
        is_place.then(|| Self::new(account_id, region))
    }
}

/// `ACCOUNT/REGION`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account_id, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = Place::new("222222222222", "us-east-1");
        assert_eq!(Place::parse(&place.to_string()), Some(place.clone()));
        assert_eq!(
            Place::of_arn("arn:aws:drs:us-east-1:222222222222:source-server/s-1"),
            Some(place)
        );
        for text in ["", "222222222222", "/us-east-1", "222222222222/", "1/2/3"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
        for arn in
            ["", "arn", "arn:aws:ec2:us-east-1:222222222222:instance/i-1", "arn:aws:drs::2:x"]
        {
            assert_eq!(Place::of_arn(arn), None, "{arn}");
        }
    }
}
