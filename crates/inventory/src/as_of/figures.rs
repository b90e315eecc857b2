//! What the servers of a moment amount to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::server::{ServerThen, Standing};

/// What the servers of a moment amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figures {
    /// All of them.
    pub servers: u64,
    /// Servers by verdict. All four verdicts are there, and they sum to `servers`.
    pub verdicts: BTreeMap<String, u64>,
    /// Servers by the code of a reason, of those whose verdict is known. A server may have several.
    pub reasons: BTreeMap<String, u64>,
}

impl Figures {
    /// Of these servers.
    pub fn of(servers: &[ServerThen]) -> Self {
        let mut figures = Self::default();
        for standing in Standing::ALL {
            figures.verdicts.insert(standing.name().to_owned(), 0);
        }
        for server in servers {
            let codes = server.reasons.iter().map(|reason| reason.code.name());
            figures.add(server.verdict, codes);
        }
        figures
    }

    /// Adds a server with these reasons.
    pub fn add<'a>(&mut self, verdict: Standing, reasons: impl Iterator<Item = &'a str>) {
        self.servers += 1;
        *self.verdicts.entry(verdict.name().to_owned()).or_default() += 1;
        if verdict != Standing::Unknown {
            for code in reasons.collect::<BTreeSet<_>>() {
                *self.reasons.entry(code.to_owned()).or_default() += 1;
            }
        }
    }

    /// Servers with this verdict.
    pub fn of_verdict(&self, verdict: Standing) -> u64 {
        self.verdicts.get(verdict.name()).copied().unwrap_or_default()
    }

    /// Every figure by its name, as in `verdicts.READY`.
    pub fn named(&self) -> BTreeMap<String, u64> {
        let mut named = BTreeMap::from([("servers".to_owned(), self.servers)]);
        for (group, figures) in [("verdicts", &self.verdicts), ("reasons", &self.reasons)] {
            named.extend(figures.iter().map(|(name, count)| (format!("{group}.{name}"), *count)));
        }
        named
    }
}
