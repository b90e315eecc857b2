//! What the whole installation can recover, as far as it is known.

use std::collections::BTreeMap;
use std::time::SystemTime;

use metrique::emf::flags::NoMetric;
use metrique::unit::Second;
use metrique::unit_of_work::metrics;
use metrique::{CloseValue, RootEntry};
use model::readiness::{UNKNOWN, Verdict};

use crate::installation::Installation;
use crate::runtime::Invocation;

/// Figures of an installation at the end of a whole sync. What is not known is none, and no metric:
/// zero servers that are not ready would be good news.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadinessFigures {
    /// Servers that can be recovered within their objective.
    pub ready: Option<u64>,
    /// Servers that can be recovered, and something may not go as expected.
    pub at_risk: Option<u64>,
    /// Servers that cannot be recovered to a state of now.
    pub not_ready: Option<u64>,
    /// Servers of places that could not be read, or were read too long ago.
    pub unknown: Option<u64>,
    /// Servers with more lag than their recovery point objective.
    pub over_rpo: Option<u64>,
    /// The most lag of a server. Seconds.
    pub max_lag_seconds: Option<u64>,
    /// Accounts with a place that was last read too long ago, or never.
    pub accounts_stale: Option<u64>,
    /// How long ago the place that was read longest ago was read. Seconds.
    pub oldest_success_age_seconds: Option<u64>,
    /// Rows whose removal waits for an approval.
    pub removals_held: u64,
    /// Instances that nothing protects; none where they are not looked for.
    pub unprotected: Option<u64>,
}

/// The figures, from what a sync tells: its servers by verdict, `UNKNOWN` among them, and the rows whose
/// removal waits. Where no server was judged, nobody knows how many are ready.
pub fn figures_of(readiness: &BTreeMap<String, u64>, removals_held: u64) -> ReadinessFigures {
    let is_judged = !readiness.is_empty();
    let of = |name: &str| is_judged.then(|| readiness.get(name).copied().unwrap_or_default());
    ReadinessFigures {
        ready: of(Verdict::Ready.name()),
        at_risk: of(Verdict::AtRisk.name()),
        not_ready: of(Verdict::NotReady.name()),
        unknown: of(UNKNOWN),
        removals_held,
        ..ReadinessFigures::default()
    }
}

/// What is held in a place is part of what is held in all. `held` is by place, or by `installation`.
pub fn removals_held(held: &BTreeMap<String, u64>) -> u64 {
    let mut in_places = held.clone();
    let in_all = in_places.remove("installation").unwrap_or_default();
    in_all.max(in_places.values().sum())
}

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[]])]
struct ReadinessMetrics {
    #[metrics(timestamp)]
    timestamp: SystemTime,
    #[metrics(flags(NoMetric))]
    request_id: String,
    servers_ready: Option<u64>,
    at_risk: Option<u64>,
    not_ready: Option<u64>,
    unknown: Option<u64>,
    servers_over_rpo: Option<u64>,
    #[metrics(unit = Second)]
    max_lag_seconds: Option<u64>,
    accounts_stale: Option<u64>,
    #[metrics(unit = Second)]
    oldest_success_age_seconds: Option<u64>,
    removals_held: u64,
    unprotected: Option<u64>,
}

/// Writes the figures to the log.
pub fn emit(figures: &ReadinessFigures, call: &Invocation, installation: Option<&Installation>) {
    super::emit(&RootEntry::new(measure(figures, call).close()), installation);
}

fn measure(figures: &ReadinessFigures, call: &Invocation) -> ReadinessMetrics {
    ReadinessMetrics {
        timestamp: SystemTime::now(),
        request_id: call.request_id.clone(),
        servers_ready: figures.ready,
        at_risk: figures.at_risk,
        not_ready: figures.not_ready,
        unknown: figures.unknown,
        servers_over_rpo: figures.over_rpo,
        max_lag_seconds: figures.max_lag_seconds,
        accounts_stale: figures.accounts_stale,
        oldest_success_age_seconds: figures.oldest_success_age_seconds,
        removals_held: figures.removals_held,
        unprotected: figures.unprotected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::tests::line_of;
    use model::environment::Environment;
    use serde_json::json;

    fn counts<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> BTreeMap<String, u64> {
        counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
    }

    #[test]
    fn every_figure_is_a_metric_of_the_installation() {
        let figures = ReadinessFigures {
            ready: Some(1),
            at_risk: Some(2),
            not_ready: Some(3),
            unknown: Some(4),
            over_rpo: Some(5),
            max_lag_seconds: Some(6),
            accounts_stale: Some(7),
            oldest_success_age_seconds: Some(8),
            removals_held: 9,
            unprotected: Some(10),
        };
        let environment = Environment::of([("INSTALLATION", "drs-inventory-test")]);
        let installation = Installation::from_environment(&environment).unwrap();
        let metrics = measure(&figures, &Invocation::default());
        let line = line_of(metrics.close(), installation.as_ref());
        let names = [
            "ServersReady",
            "AtRisk",
            "NotReady",
            "Unknown",
            "ServersOverRpo",
            "MaxLagSeconds",
            "AccountsStale",
            "OldestSuccessAgeSeconds",
            "RemovalsHeld",
            "Unprotected",
        ];
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        for (name, expected) in names.into_iter().zip(1..) {
            assert_eq!(line[name], json!(expected), "{name}: {line}");
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!(metrics.iter().any(|metric| metric["Name"] == name), "{name}");
        }
        assert_eq!(directive["Dimensions"], json!([["Installation"]]));
        assert_eq!(line["Installation"], "drs-inventory-test");
    }

    #[test]
    fn what_is_not_known_is_no_metric() {
        let figures = figures_of(&counts([]), 0);
        let line = line_of(measure(&figures, &Invocation::default()).close(), None);
        for name in ["NotReady", "Unknown", "ServersReady", "AccountsStale", "Unprotected"] {
            assert_eq!(line.get(name), None, "{line}");
        }
        assert_eq!(line["RemovalsHeld"], 0);
    }

    #[test]
    fn verdicts_that_no_server_got_are_zero_where_servers_are_judged() {
        let figures = figures_of(&counts([("READY", 7), ("UNKNOWN", 2)]), 3);
        assert_eq!((figures.ready, figures.unknown, figures.removals_held), (Some(7), Some(2), 3));
        assert_eq!((figures.at_risk, figures.not_ready), (Some(0), Some(0)));
        assert_eq!(figures.over_rpo, None);
    }

    #[test]
    fn what_is_held_in_a_place_is_part_of_what_is_held_in_all() {
        assert_eq!(removals_held(&counts([])), 0);
        assert_eq!(removals_held(&counts([("1/a", 2), ("1/b", 3)])), 5);
        assert_eq!(removals_held(&counts([("1/a", 2), ("installation", 9)])), 9);
    }
}
