//! Metrics in CloudWatch's embedded format: one line of the log each.
//!
//! - [`synced`]: a sync, or one account of a sync that is spread over many calls.
//! - [`finished`]: the end of a sync that was spread over many calls.
//! - [`readiness`]: what the whole installation can recover.
//! - [`counts`]: what is only counted.

pub mod counts;
pub mod finished;
pub mod readiness;
pub mod synced;

use std::io::{Write, stdout};

use metrique::emf::Emf;
use metrique::writer::{Entry, EntryIoStream, EntryWriter, FormatExt};

use crate::installation::Installation;

/// Where CloudWatch files the metrics.
pub const NAMESPACE: &str = "DrsInventory";

/// The dimension of every metric, so that two installations in one account do not ring each other's
/// alarms.
const DIMENSION: &str = "Installation";

/// Writes a line of metrics to the log.
fn emit(entry: &impl Entry, installation: Option<&Installation>) {
    write(entry, installation, stdout().lock());
}

fn write(entry: &impl Entry, installation: Option<&Installation>, output: impl Write) {
    let dimensions = installation.map_or(vec![], |_| vec![DIMENSION.to_owned()]);
    let format = Emf::all_validations(NAMESPACE.to_owned(), vec![dimensions]);
    if let Err(error) = format.output_to(output).next(&Installed { entry, installation }) {
        tracing::warn!(cause = error.to_string(), "metrics are lost");
    }
}

/// An entry, and the installation that it is of.
struct Installed<'a, E> {
    entry: &'a E,
    installation: Option<&'a Installation>,
}

impl<E: Entry> Entry for Installed<'_, E> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        if let Some(installation) = self.installation {
            writer.value(DIMENSION, installation.name());
        }
        self.entry.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrique::{InflectableEntry, RootEntry};
    use serde_json::Value;

    /// The line that CloudWatch gets of these metrics.
    pub(super) fn line_of(
        metrics: impl InflectableEntry,
        installation: Option<&Installation>,
    ) -> Value {
        let mut output = Vec::new();
        write(&RootEntry::new(metrics), installation, &mut output);
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}
