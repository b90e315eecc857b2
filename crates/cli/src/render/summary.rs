//! What a sync did, for people: what is missing comes with its reason and what to do.

use std::collections::BTreeMap;
use std::fmt::Write;

use inventory::sync::response::Response;
use serde_json::Value;

use crate::text::{one_line, store_option};

/// What to do where there is nothing to ask.
pub(crate) fn no_accounts(store: Option<&str>) -> String {
    format!(
        "No target accounts yet. Add one:\n  \
        drs-inventory accounts add 222222222222{} --name payments-prod \\\n    \
        --role-arn arn:aws:iam::222222222222:role/DRSOrchestrationRole --external-id YOUR-EXTERNAL-ID",
        store_option(store)
    )
}

/// The summary of `response`, of a sync into `store`.
pub(crate) fn summary(response: &Response, store: Option<&str>) -> String {
    let body = &response.body;
    let details = &body["details"];
    if !details.is_object() {
        return totals(body);
    }
    let asked = details["accountsAsked"].as_u64().unwrap_or(0);
    let skipped = details["accountsSkipped"].as_array().map_or(0, Vec::len);
    if asked == 0 && skipped == 0 {
        return no_accounts(store) + "\n";
    }
    let mut text = String::new();
    let number = |key: &str| details[key].as_u64().unwrap_or(0);
    let seconds = details["durationMs"].as_f64().unwrap_or(0.0) / 1000.0;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} servers found, {} with EC2 metadata, {} stored, {} not stored",
        number("serversFound"),
        number("serversEnriched"),
        number("serversWritten"),
        number("serversFailed"),
    );
    let regions = number("regionsAsked");
    let _ = writeln!(text, "{asked} accounts and {regions} regions asked in {seconds:.1} s");
    if skipped > 0 {
        let _ = writeln!(text, "{skipped} accounts could not be entered");
    }
    text.push_str(&not_in_use(&details["notInUse"]));
    text.push_str(&failures(details["failed"].as_array().map_or(&[], Vec::as_slice)));
    text
}

/// The legacy sync tells no more.
fn totals(body: &Value) -> String {
    match body["error"].as_str() {
        Some(error) => format!("{}\n", one_line(error)),
        None => format!("{} servers queued, {} errors\n", body["totalSynced"], body["totalErrors"]),
    }
}

fn not_in_use(counts: &Value) -> String {
    let counts = counts.as_object().into_iter().flatten();
    let counts: Vec<String> = counts.map(|(status, count)| format!("{count} {status}")).collect();
    if counts.is_empty() { String::new() } else { format!("Not in use: {}\n", counts.join(", ")) }
}

/// Account, kind and cause of entries that are one for a person.
type Cause<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

fn failures(failed: &[Value]) -> String {
    if failed.is_empty() {
        return "The picture is complete.\n".to_owned();
    }
    let mut causes: BTreeMap<Cause<'_>, Vec<&str>> = BTreeMap::new();
    for entry in failed {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let cause = (
            text("account"),
            text("kind"),
            text("status"),
            text("code"),
            text("message"),
            text("whatToDo"),
        );
        let place = if text("row").is_empty() { text("region") } else { text("row") };
        causes.entry(cause).or_default().push(place);
    }
    let mut out = format!("\nThe picture is incomplete, {} missing:\n", failed.len());
    for ((account, kind, status, code, message, what_to_do), places) in causes {
        let account = if account.is_empty() { "all accounts" } else { account };
        let what = match kind {
            "account" => "account",
            "server" => "a server of",
            "ec2" => "EC2 of",
            "row" => "row",
            _ => "region",
        };
        let places = places.join(", ");
        let why = if message.is_empty() { code.to_owned() } else { format!("{code}: {message}") };
        let head = format!("{account} {what} {places}");
        let _ = writeln!(out, "  {}: {}", one_line(head.trim_end()), one_line(status));
        let _ = writeln!(out, "    why: {}", one_line(&why));
        let _ = writeln!(out, "    do:  {}", one_line(what_to_do));
    }
    out
}
