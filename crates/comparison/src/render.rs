//! A comparison for people, and the list of intended differences for the README.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::Comparison;
use crate::intended::INTENDED;

/// One line: equal, or the intended differences met, with calls and time of both.
pub fn line(name: &str, comparison: &Comparison) -> String {
    let unexplained = comparison.unexplained().count();
    let met = comparison.met();
    let verdict = match (unexplained, met.len()) {
        (0, 0) => "equal".to_owned(),
        (0, _) => met.join(" "),
        (n, _) => format!("{n} UNEXPLAINED {}", met.join(" ")),
    };
    let calls = |side: &crate::Side| side.calls.values().sum::<usize>();
    let (legacy, refactored) = (&comparison.legacy, &comparison.refactored);
    format!(
        "{name}: {verdict} (calls {} -> {}, ms {} -> {}, time {:.2})",
        calls(legacy),
        calls(refactored),
        legacy.took.as_millis(),
        refactored.took.as_millis(),
        refactored.took.as_secs_f64() / legacy.took.as_secs_f64(),
    )
}

/// Every difference with its explanation, and the calls of both.
pub fn table(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for judged in &comparison.differences {
        let d = &judged.difference;
        let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let place = format!("{:?}", d.place).to_lowercase();
        let explanation = judged.intended.unwrap_or("UNEXPLAINED");
        let name = [place.as_str(), &d.key, &d.attribute].join(" ");
        let _ = writeln!(text, "{}: {explanation}", name.trim_end());
        let _ = writeln!(text, "  legacy:     {}", show(&d.legacy));
        let _ = writeln!(text, "  refactored: {}", show(&d.refactored));
    }
    let (legacy, refactored) = (&comparison.legacy, &comparison.refactored);
    let mut names: Vec<&String> = legacy.calls.keys().chain(refactored.calls.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let count = |side: &crate::Side| side.calls.get(name).copied().unwrap_or(0);
        let _ = writeln!(text, "calls {name}: {} -> {}", count(legacy), count(refactored));
    }
    text
}

/// The same for programs.
pub fn as_json(comparison: &Comparison) -> Value {
    let differences = comparison.differences.iter().map(|judged| {
        let mut difference = json!(judged.difference);
        difference["intended"] = json!(judged.intended);
        difference
    });
    let side = |side: &crate::Side| {
        let took = u64::try_from(side.took.as_millis()).unwrap_or(u64::MAX);
        json!({ "calls": side.calls, "tookMs": took, "peakMib": side.peak_mib, "rows": side.rows.len(), "response": side.response })
    };
    json!({
        "unexplained": comparison.unexplained().count(),
        "differences": differences.collect::<Vec<_>>(),
        "legacy": side(&comparison.legacy),
        "refactored": side(&comparison.refactored),
    })
}

/// `docs/comparison.md`: what is equal, what differs and why, calls, time and memory.
pub fn markdown(comparisons: &[(String, Comparison)]) -> String {
    let mut text = include_str!("comparison.md").to_owned();
    text.push_str(&readme_list());
    text.push_str("\n## Calls, time and memory\n");
    for (name, comparison) in comparisons {
        let Comparison { legacy, refactored, .. } = comparison;
        let _ = writeln!(
            text,
            "\n`{name}`\n\n| | legacy | refactored | ratio |\n| --- | --- | --- | --- |"
        );
        let mut row = |what: &str, legacy: f64, refactored: f64| {
            let _ = writeln!(
                text,
                "| {what} | {legacy:.0} | {refactored:.0} | {:.2} |",
                refactored / legacy
            );
        };
        let names = legacy.calls.keys().chain(refactored.calls.keys());
        for call in names.collect::<std::collections::BTreeSet<_>>() {
            let count = |side: &crate::Side| {
                side.calls.get(call).map_or(0.0, |count| u32::try_from(*count).unwrap_or(0).into())
            };
            row(&format!("calls {call}"), count(legacy), count(refactored));
        }
        let again = |side: &crate::Side| {
            u32::try_from(side.calls_again.values().sum::<usize>()).unwrap_or(0).into()
        };
        row("all calls of the next sync", again(legacy), again(refactored));
        let ms = |side: &crate::Side| side.took.as_secs_f64() * 1000.0;
        row("wall time, ms", ms(legacy), ms(refactored));
        if let (Some(legacy), Some(refactored)) = (legacy.peak_mib, refactored.peak_mib) {
            row(
                "peak memory of the process, simulator and store included, MiB",
                legacy,
                refactored,
            );
        }
    }
    text
}

/// The README's table of intended differences.
pub fn readme_list() -> String {
    let mut text =
        "| id | the refactored sync | why | what an operator sees |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for entry in INTENDED {
        let _ =
            writeln!(text, "| `{}` | {} | {} | {} |", entry.id, entry.rule, entry.why, entry.seen);
    }
    text
}
