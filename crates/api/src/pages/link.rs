//! Addresses of pages. No other code makes one, so that no text from AWS can become a part of an address
//! but as a value.

use std::fmt;

use model::Place;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a query. Source: RFC 3986, unreserved characters.
const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b':');

/// An address of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link(String);

impl Link {
    /// Of a page.
    pub(super) fn to(path: &'static str) -> Self {
        Self(path.to_owned())
    }

    /// The list of servers.
    pub(super) fn servers() -> Self {
        Self::to("/pages/servers")
    }

    /// The servers that an account lists in a region, or in all of its regions: those that the ledger
    /// counts there.
    pub(super) fn listed_in(account: &str, region: Option<&str>) -> Self {
        let place = region.map(|region| Place::new(account, region).to_string());
        Self::servers().with("listedIn", place.as_deref().unwrap_or(account))
    }

    /// One server.
    pub(super) fn server(arn: &str) -> Self {
        Self::to("/pages/server").with("id", arn)
    }

    /// One account.
    pub(super) fn account(id: &str) -> Self {
        Self::to("/pages/account").with("id", id)
    }

    /// What to do about a reason or a status.
    pub(super) fn what_to_do(code: &str) -> Self {
        let Self(mut text) = Self::to("/pages/what-to-do#");
        text.extend(utf8_percent_encode(code, VALUE));
        Self(text)
    }

    /// With one more parameter.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        self.0.push_str(name);
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, VALUE));
        self
    }

    /// With one more parameter, where there is a value.
    #[must_use]
    pub(super) fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_a_value() {
        let link =
            Link::servers().with("hostname", "a&b=\"><script>#%").with("region", "eu-west-1");
        let expected = "/pages/servers?hostname=a%26b%3D%22%3E%3Cscript%3E%23%25&region=eu-west-1";
        assert_eq!(link.to_string(), expected);
    }
}
