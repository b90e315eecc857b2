//! What became of the servers between two moments.

use std::collections::BTreeMap;

use serde::Serialize;

use super::server::{ServerThen, Standing};
use super::{Figures, Fleet};

/// What became of the servers between two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// What the servers amounted to at the first moment.
    pub before: Figures,
    /// What they amounted to at the second one.
    pub after: Figures,
    /// Servers that are there at the second moment only, as they are then.
    pub came: Vec<ServerThen>,
    /// Servers that were there at the first moment only, as they were then.
    pub went: Vec<ServerThen>,
    /// Servers with another verdict, those that got worse first.
    pub turned: Vec<Turned>,
}

/// A server with another verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Turned {
    /// What it was.
    pub from: Standing,
    /// The server at the second moment.
    pub server: ServerThen,
}

/// The difference between a fleet and the same fleet later.
pub fn difference(earlier: &Fleet, later: &Fleet) -> Difference {
    let by_arn = |fleet: &Fleet| -> BTreeMap<String, ServerThen> {
        let servers = fleet.servers.iter().cloned();
        servers.map(|server| (server.source_server_arn.clone(), server)).collect()
    };
    let mut was = by_arn(earlier);
    let mut difference =
        Difference { before: earlier.figures(), after: later.figures(), ..Difference::default() };
    for (arn, server) in by_arn(later) {
        match was.remove(&arn) {
            None => difference.came.push(server),
            Some(before) if before.verdict != server.verdict => {
                difference.turned.push(Turned { from: before.verdict, server });
            }
            Some(_) => {}
        }
    }
    difference.went.extend(was.into_values());
    // Of verdicts the worst is the greatest.
    difference.turned.sort_by_key(|turned| {
        let got_worse = turned.server.verdict > turned.from;
        (!got_worse, std::cmp::Reverse(turned.server.verdict), turned.server.hostname.clone())
    });
    difference
}
