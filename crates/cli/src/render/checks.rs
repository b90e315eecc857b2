//! What came of a check, for people: each step on a line, and the change that mends it below.

use std::collections::BTreeMap;
use std::fmt::Write;

use inventory::check::{How, RegionCheck, Step};

use inventory::words::count;

use crate::text::one_line;

/// A title and how it went as a whole, and below it the steps that did not go well, or every step.
pub(crate) fn section(title: &str, (passed, steps): (bool, &[Step]), every_step: bool) -> String {
    let mut text = format!("{}  {title}\n", if passed { "ok    " } else { "FAILED" });
    for step in steps.iter().filter(|step| every_step || step.how != How::Ok) {
        let found = one_line(&step.found);
        let line = format!("        {:<11} {}: {found}", mark(step.how), step.what);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line.trim_end().trim_end_matches(':'));
        if let Some(change) = &step.change {
            let _ = writeln!(text, "                    do: {}", one_line(change));
        }
    }
    text
}

fn mark(how: How) -> &'static str {
    match how {
        How::Ok => "ok",
        How::Optional => "optional",
        How::Failed => "FAILED",
        How::NotReached => "not reached",
    }
}

/// As in `us-east-1 12 servers; NOT_INITIALIZED eu-west-1, eu-west-2`.
pub(crate) fn regions(regions: &[RegionCheck]) -> String {
    let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut parts = Vec::new();
    for it in regions {
        match it.servers {
            Some(servers) => parts.push(format!("{} {}", it.region, count(servers, "server"))),
            None => others.entry(it.status).or_default().push(&it.region),
        }
    }
    parts.extend(others.iter().map(|(status, names)| format!("{status} {}", names.join(", "))));
    if parts.is_empty() { String::new() } else { format!("        {}\n", parts.join("; ")) }
}
