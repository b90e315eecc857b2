//! The parameters of the EC2 and STS query protocols.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// Parameters by name, from a form body or a query string.
#[derive(Debug, Default)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    pub(crate) fn parse(form: &str) -> Self {
        let pairs = form.split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(decode).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The members of `PREFIX.1`, `PREFIX.2`, …, in the order of their numbers.
    pub(crate) fn list(&self, prefix: &str) -> Vec<&str> {
        (1..).map_while(|n| self.get(&format!("{prefix}.{n}"))).collect()
    }
}

fn decode((name, value): (&str, &str)) -> (String, String) {
    let text =
        |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    (text(name), text(value))
}
