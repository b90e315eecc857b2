//! The report for people: printable, without scripts, nothing loaded from elsewhere.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;
use model::readiness::Policy;

use super::Report;
use crate::as_of::{ServerThen, Standing};
use crate::picture::NotKnown;
use crate::readiness::{console_word, in_words};
use crate::words::{ago, grouped, lag, moment, percent};

/// The template fills in texts by itself and escapes them.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    at: String,
    created_at: String,
    last_sync: String,
    gap: Option<String>,
    cards: Vec<Card>,
    reasons: Vec<Card>,
    not_known: Vec<String>,
    selection: Vec<String>,
    drill_age: String,
    known: String,
    servers: Vec<Line<'a>>,
}

/// A figure.
struct Card {
    /// As in `verdicts.READY`.
    figure: String,
    /// For people.
    title: String,
    value: u64,
    shown: String,
}

/// A server.
struct Line<'a> {
    server: &'a ServerThen,
    verdict: &'static str,
    state: &'static str,
    why: String,
    lag: String,
    last_launch: String,
    as_of: String,
}

/// The page of a report.
pub(super) fn render(report: &Report) -> Result<String, askama::Error> {
    let now: Timestamp = report.at.parse().unwrap_or_default();
    let named = report.figures.named();
    let unknown = report.figures.of_verdict(Standing::Unknown);
    let known = report.figures.servers.saturating_sub(unknown);
    let drill_age = report.policy.drill_max_age_days;
    let page = Page {
        report,
        at: moment(&report.at),
        created_at: moment(&report.created_at),
        last_sync: report.last_sync.as_deref().map_or_else(|| "none".to_owned(), moment),
        gap: report.gap.as_ref().map(|gap| gap.in_words() + "."),
        cards: cards(&named, "verdicts."),
        reasons: cards(&named, "reasons."),
        not_known: report.not_known.iter().map(named_place).collect(),
        selection: selection(report),
        drill_age: drill_age.map_or_else(|| "none".to_owned(), |days| format!("{days} days")),
        known: percent(known, report.figures.servers),
        servers: report.servers.iter().map(|server| line(server, now)).collect(),
    };
    page.render()
}

fn cards(named: &BTreeMap<String, u64>, group: &str) -> Vec<Card> {
    let of_group =
        named.iter().filter_map(|(name, value)| Some((name, name.strip_prefix(group)?, value)));
    let card = |(figure, name, value): (&String, &str, &u64)| Card {
        figure: figure.clone(),
        title: if group == "verdicts." { in_words(name).to_owned() } else { name.to_owned() },
        value: *value,
        shown: grouped(*value),
    };
    of_group.map(card).collect()
}

fn named_place(not_known: &NotKnown) -> String {
    let NotKnown { account_id, region, why, status, since, servers, .. } = not_known;
    let place = match (account_id, region) {
        (Some(account), Some(region)) => format!("{account} {region}"),
        (Some(account), None) => format!("{account}, the whole account"),
        (None, _) => "all accounts".to_owned(),
    };
    let parts = [
        why.name().to_owned(),
        status.clone().unwrap_or_default(),
        since.as_deref().map(|since| format!("since {}", moment(since))).unwrap_or_default(),
        if *servers > 0 { format!("{servers} servers") } else { String::new() },
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{place}: {}", parts.join(", "))
}

fn selection(report: &Report) -> Vec<String> {
    let selection = &report.selection;
    let accounts = selection.accounts.iter().map(|id| format!("account {id}"));
    let groups = selection.groups.iter().map(|group| format!("group {}", group.group_name));
    let tags = selection.tags.iter().map(|(key, value)| format!("tag {key}={value}"));
    accounts.chain(groups).chain(tags).collect()
}

fn line(server: &ServerThen, now: Timestamp) -> Line<'_> {
    let row = server.to_row();
    let reasons = crate::readiness::explained(&row, &Policy::default(), now);
    let codes = reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{} {field}", reason.code),
        None => reason.code.to_owned(),
    });
    let why = match server.last_verdict {
        Some(last) => format!("not known then; was {}", in_words(last.name())),
        None => codes.collect::<Vec<_>>().join(", "),
    };
    let launch = server.last_launch.as_ref().map(|launch| {
        format!(
            "{} {} ago, {}",
            launch.kind.to_lowercase(),
            ago(Some(&launch.at), now),
            launch.status
        )
    });
    Line {
        server,
        verdict: in_words(server.verdict.name()),
        state: console_word(&row),
        why,
        lag: server.lag_duration.as_deref().map(lag).unwrap_or_default(),
        last_launch: launch.unwrap_or_else(|| "never".to_owned()),
        as_of: moment(&server.as_of),
    }
}

/// The figures that a page shows, by name.
pub(super) fn figures(page: &str) -> BTreeMap<String, String> {
    const NAME: &str = "data-figure=\"";
    const VALUE: &str = "data-value=\"";
    let shown = page.split(NAME).skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once('"')?;
        let (_, rest) = rest.split_once(VALUE)?;
        let (value, rest) = rest.split_once('"')?;
        // What people read is the text of the element.
        let text = rest.split_once('>')?.1.split_once('<')?.0.replace(',', "");
        let shown = if text == value { text } else { format!("{value} and {text}") };
        Some((name.to_owned(), shown))
    });
    shown.collect()
}
