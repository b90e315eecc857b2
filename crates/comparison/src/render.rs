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
        "{name}: {verdict} (calls {} -> {}, ms {} -> {})",
        calls(legacy),
        calls(refactored),
        legacy.took.as_millis(),
        refactored.took.as_millis(),
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
        json!({ "calls": side.calls, "tookMs": took, "rows": side.rows.len(), "response": side.response })
    };
    json!({
        "unexplained": comparison.unexplained().count(),
        "differences": differences.collect::<Vec<_>>(),
        "legacy": side(&comparison.legacy),
        "refactored": side(&comparison.refactored),
    })
}

/// The README's table of intended differences.
pub fn readme_list() -> String {
    let mut text =
        "| id | the new sync | why | what an operator sees |\n| --- | --- | --- | --- |\n"
            .to_owned();
    for entry in INTENDED {
        let _ =
            writeln!(text, "| `{}` | {} | {} | {} |", entry.id, entry.rule, entry.why, entry.seen);
    }
    text
}
