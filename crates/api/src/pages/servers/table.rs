//! The list for spreadsheets. It has a limit, and its last line says where there is more.

use std::time::{Duration, Instant};

use axum::http::header;
use axum::response::{IntoResponse, Response};
use csv::Writer;
use inventory::readiness::reasons;
use inventory::servers::ServerFilter;
use inventory::words::{cell, csv_cell};
use store::Item;

use super::read;
use crate::failure::{ErrorCode, Failure};
use crate::site::Site;

/// Servers that are read at once.
const PART: usize = 500;
/// Bytes of the table: a load balancer takes 1 MB from a function. Source: Application Load Balancer
/// user guide, "Lambda functions as targets".
const MOST_BYTES: usize = 800_000;
/// How long it may take.
const MOST_TIME: Duration = Duration::from_secs(10);

const COLUMNS: [(&str, &str); 15] = [
    ("hostname", "hostname"),
    ("server", "sourceServerID"),
    ("account", "sourceAccountId"),
    ("region", "replicationRegion"),
    ("verdict", "readiness"),
    ("last verdict", "lastReadiness"),
    ("reasons", "readinessReasons"),
    ("state", "replicationState"),
    ("lag", "lagDuration"),
    ("drill", "drill"),
    ("last seen", "lastSeen"),
    ("instance", "instanceId"),
    ("as of", "asOf"),
    ("known", "known"),
    ("arn", "sourceServerArn"),
];

pub(super) async fn respond(
    site: &Site,
    filter: &ServerFilter,
    mut next: Option<String>,
) -> Result<Response, Failure> {
    let started = Instant::now();
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(title, _)| title)).map_err(unwritten)?;
    loop {
        let part = read(site, filter, PART, next.as_deref()).await?;
        for row in &part.rows {
            writer.write_record(COLUMNS.map(|(_, name)| shown(row, name))).map_err(unwritten)?;
        }
        next = part.next;
        let bytes = writer.get_ref().len();
        if next.is_none() || bytes > MOST_BYTES || started.elapsed() > MOST_TIME {
            break;
        }
    }
    if next.is_some() {
        let more = "there are more servers than this table holds; narrow the filters";
        let mut last = [""; COLUMNS.len()];
        last[0] = more;
        writer.write_record(last).map_err(unwritten)?;
    }
    let bytes = writer.into_inner().map_err(|error| unwritten(error.into_error().into()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"servers.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

fn shown(row: &Item, name: &str) -> String {
    if name == "readinessReasons" {
        let codes: Vec<&str> = reasons(row).iter().map(|reason| reason.code.name()).collect();
        return codes.join(" ");
    }
    csv_cell(&cell(row, name))
}

fn unwritten(error: csv::Error) -> Failure {
    Failure::new(ErrorCode::InternalError, format!("the table could not be written: {error}"))
}
