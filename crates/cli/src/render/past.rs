//! A moment of the past, and what became of the servers since, for people.

use std::fmt::Write;

use inventory::as_of::{Difference, Figures, Fleet, Gap, ServerThen, Standing};
use inventory::changes::time_of;
use inventory::picture::Picture;
use inventory::readiness::in_words;
use inventory::words::{count, grouped, moment};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::picture;
use crate::text::{for_terminal, one_line};

/// Servers of each kind that are named.
const MOST_LINES: usize = 50;

/// The time that somebody typed.
pub(crate) fn time(text: &str, what: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    time_of(text, now).ok_or_else(|| {
        anyhow::anyhow!("{what} {text:?} is no time; expected one as in 2h, 3d or 2026-11-25")
    })
}

/// As in `2026-11-28 02:09 UTC`.
pub(crate) fn at(time: Timestamp) -> String {
    moment(&time.to_string())
}

/// The whole installation at a moment.
pub(crate) fn screen(fleet: &Fleet) -> String {
    let figures = fleet.figures();
    let mut text = format!("Disaster recovery readiness at {}\n", at(fleet.at));
    if let Some(gap) = &fleet.gap {
        let _ = writeln!(text, "{}", gap.in_words());
    }
    for it in &fleet.not_known {
        let _ = writeln!(text, "  not known: {}", picture::line(it));
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{}\n", cards(&figures));
    for (code, servers) in &figures.reasons {
        let _ = writeln!(text, "  {:>14}  {code}", count(*servers, "server"));
    }
    for_terminal(&text)
}

/// As `status` answers programs, with what the history can tell.
pub(crate) fn json(fleet: &Fleet) -> Value {
    let figures = fleet.figures();
    json!({
        "at": fleet.at.to_string(),
        "asOf": fleet.last_sync,
        "servers": figures.servers,
        "verdicts": {
            "ready": figures.of_verdict(Standing::Ready),
            "atRisk": figures.of_verdict(Standing::AtRisk),
            "notReady": figures.of_verdict(Standing::NotReady),
            "unknown": figures.of_verdict(Standing::Unknown),
        },
        "reasons": figures.reasons,
        "gap": fleet.gap,
        "complete": fleet.not_known.is_empty() && !fleet.is_cut && fleet.gap.is_none(),
        "notKnown": fleet.not_known,
    })
}

/// Tells on stderr what was not known at a moment.
pub(crate) fn warn(fleet: &Fleet) {
    if let Some(gap) = &fleet.gap {
        super::note(&gap.in_words());
    }
    let (not_known, is_cut) = (fleet.not_known.clone(), fleet.is_cut);
    picture::warn(&Picture { not_known, is_cut, ..Picture::default() });
}

/// What became of the servers between two moments.
pub(crate) fn difference(
    difference: &Difference,
    gaps: &[Gap],
    (from, to): (Timestamp, Timestamp),
) -> String {
    let Difference { before, after, came, went, turned } = difference;
    let mut text = format!("{:<22} {}\n{:<22} {}\n", at(from), cards(before), at(to), cards(after));
    for gap in gaps {
        let _ = writeln!(text, "{}", gap.in_words());
    }
    let verdict = |it: &ServerThen| in_words(it.verdict.name()).to_owned();
    text += &servers("Came", came.iter().map(|it| (it, verdict(it))).collect());
    text += &servers("Went", went.iter().map(|it| (it, verdict(it))).collect());
    let turned = turned.iter().map(|it| {
        let codes: Vec<&str> = it.server.reasons.iter().map(|it| it.code.name()).collect();
        let (from, to) = (in_words(it.from.name()), in_words(it.server.verdict.name()));
        (&it.server, format!("{from} → {to}  {}", codes.join(", ")))
    });
    text += &servers("Another verdict", turned.collect());
    for_terminal(&text)
}

fn servers(title: &str, servers: Vec<(&ServerThen, String)>) -> String {
    if servers.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{title}: {}\n", count(servers.len() as u64, "server"));
    for (server, what) in servers.iter().take(MOST_LINES) {
        let ServerThen { hostname, source_server_id, listed_in, .. } = server;
        let line = format!("  {hostname:<24} {source_server_id}  {listed_in}  {what}");
        let _ = writeln!(text, "{}", one_line(&line));
    }
    match servers.len().saturating_sub(MOST_LINES) {
        0 => text,
        left => text + &format!("  and {} more\n", grouped(left as u64)),
    }
}

/// Servers by verdict.
pub(crate) fn cards(figures: &Figures) -> String {
    let cards = [
        ("READY", Standing::Ready),
        ("AT RISK", Standing::AtRisk),
        ("NOT READY", Standing::NotReady),
        ("UNKNOWN", Standing::Unknown),
    ];
    let cards = cards.map(|(name, it)| format!("{name} {}", grouped(figures.of_verdict(it))));
    format!("{}   of {}", cards.join(" | "), count(figures.servers, "server"))
}
