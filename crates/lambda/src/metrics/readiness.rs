//! What the whole installation can recover, as far as it is known.

use std::time::SystemTime;

use inventory::overview::{Overview, Verdicts};
use inventory::picture::{Freshness, HeldRemoval};
use metrique::emf::flags::NoMetric;
use metrique::unit::Second;
use metrique::unit_of_work::metrics;
use metrique::{CloseValue, RootEntry};

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
    /// Accounts with a place that was last read too long ago, or never.
    pub accounts_stale: Option<u64>,
    /// How long ago the place that was read longest ago was read. Seconds.
    pub oldest_success_age_seconds: Option<u64>,
    /// Rows whose removal waits for an approval.
    pub removals_held: u64,
    /// Instances that nothing protects; none where they are not looked for.
    pub unprotected: Option<u64>,
}

/// The figures of an overview, as of `freshness`.
pub fn figures_of(overview: &Overview, freshness: &Freshness) -> ReadinessFigures {
    let Verdicts { ready, at_risk, not_ready, unknown } = overview.verdicts;
    // Where no server is known, nobody knows how many are ready.
    let of = |servers: u64| (overview.verdicts.total() > 0).then_some(servers);
    let held = &overview.picture.removals_held;
    let (in_all, in_places): (Vec<_>, Vec<_>) =
        held.iter().partition(|removal| removal.account_id.is_none());
    let sum = |removals: &[&HeldRemoval]| removals.iter().map(|it| it.count).sum::<u64>();
    ReadinessFigures {
        ready: of(ready),
        at_risk: of(at_risk),
        not_ready: of(not_ready),
        unknown: of(unknown),
        over_rpo: of(overview.over_rpo()),
        accounts_stale: Some(overview.accounts_stale(freshness)),
        oldest_success_age_seconds: overview.oldest_success_age(freshness).map(|it| it.as_secs()),
        // What is held in a place is part of what is held in all.
        removals_held: sum(&in_all).max(sum(&in_places)),
        unprotected: overview.beside.unprotected,
    }
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
    use inventory::picture::HeldBecause;
    use model::environment::Environment;
    use serde_json::json;

    fn freshness() -> Freshness {
        Freshness::from_environment(&Environment::of([])).unwrap()
    }

    fn held(account_id: Option<&str>, count: u64) -> HeldRemoval {
        HeldRemoval {
            account_id: account_id.map(str::to_owned),
            region: None,
            because: HeldBecause::TooMany,
            status: None,
            count,
            since: String::new(),
            is_approved: false,
        }
    }

    #[test]
    fn every_figure_is_a_metric_of_the_installation() {
        let figures = ReadinessFigures {
            ready: Some(1),
            at_risk: Some(2),
            not_ready: Some(3),
            unknown: Some(4),
            over_rpo: Some(5),
            accounts_stale: Some(6),
            oldest_success_age_seconds: Some(7),
            removals_held: 8,
            unprotected: Some(9),
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
        let figures = figures_of(&Overview::default(), &freshness());
        let line = line_of(measure(&figures, &Invocation::default()).close(), None);
        for name in
            ["NotReady", "Unknown", "ServersReady", "OldestSuccessAgeSeconds", "Unprotected"]
        {
            assert_eq!(line.get(name), None, "{line}");
        }
        assert_eq!((&line["RemovalsHeld"], &line["AccountsStale"]), (&json!(0), &json!(0)));
    }

    #[test]
    fn verdicts_that_no_server_got_are_zero_where_servers_are_judged() {
        let verdicts = Verdicts { ready: 7, unknown: 2, ..Verdicts::default() };
        let figures = figures_of(&Overview { verdicts, ..Overview::default() }, &freshness());
        assert_eq!((figures.ready, figures.unknown), (Some(7), Some(2)));
        assert_eq!(
            (figures.at_risk, figures.not_ready, figures.over_rpo),
            (Some(0), Some(0), Some(0))
        );
    }

    #[test]
    fn what_is_held_in_a_place_is_part_of_what_is_held_in_all() {
        let of = |removals_held| {
            let mut overview = Overview::default();
            overview.picture.removals_held = removals_held;
            figures_of(&overview, &freshness()).removals_held
        };
        assert_eq!(of(Vec::new()), 0);
        assert_eq!(of(vec![held(Some("1"), 2), held(Some("2"), 3)]), 5);
        assert_eq!(of(vec![held(Some("1"), 2), held(None, 9)]), 9);
    }
}
