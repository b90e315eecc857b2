//! The servers for spreadsheets.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, Writer};

use super::Report;
use crate::as_of::{Figures, ServerThen, Standing};
use crate::picture::Why;
use crate::words::csv_cell;

/// Between the members of a cell.
const BETWEEN: &str = "; ";

const COLUMNS: [&str; 18] = [
    "hostname",
    "sourceServerID",
    "sourceAccountId",
    "replicationRegion",
    "verdict",
    "reasons",
    "lastVerdict",
    "whyUnknown",
    "replicationState",
    "lagDuration",
    "drill",
    "lastLaunchType",
    "lastLaunchAt",
    "lastLaunchStatus",
    "stagingAccountId",
    "listedIn",
    "asOf",
    "sourceServerArn",
];

/// The servers of a report, one per line.
pub(super) fn render(report: &Report) -> Result<String, csv::Error> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for server in &report.servers {
        writer.write_record(cells(server).iter().map(|cell| csv_cell(cell)))?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn cells(server: &ServerThen) -> [String; COLUMNS.len()] {
    let codes: Vec<String> = server.reasons.iter().map(reason).collect();
    let launch = server.last_launch.clone().unwrap_or_default();
    [
        server.hostname.clone(),
        server.source_server_id.clone(),
        server.source_account_id.clone(),
        server.replication_region.clone(),
        server.verdict.name().to_owned(),
        codes.join(BETWEEN),
        server.last_verdict.map_or("", |verdict| verdict.name()).to_owned(),
        server.why_unknown.map_or("", Why::name).to_owned(),
        server.replication_state.clone(),
        server.lag_duration.clone().unwrap_or_default(),
        server.drill.map_or("", |drill| drill.name()).to_owned(),
        launch.kind,
        launch.at,
        launch.status,
        server.staging_account_id.clone(),
        server.listed_in.clone(),
        server.as_of.clone(),
        server.source_server_arn.clone(),
    ]
}

/// As in `CHANGED_SINCE_DRILL disks`.
fn reason(reason: &model::readiness::Reason) -> String {
    let field = reason.field.as_deref().map(|field| format!(" {field}"));
    format!("{}{}", reason.code.name(), field.unwrap_or_default())
}

/// What the lines of a file amount to; none where it is no such file.
pub(super) fn figures(text: &str) -> Option<Figures> {
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let columns: BTreeMap<String, usize> =
        reader.headers().ok()?.iter().zip(0..).map(|(name, at)| (name.to_owned(), at)).collect();
    let (verdict, reasons) = (*columns.get("verdict")?, *columns.get("reasons")?);
    let mut figures = Figures::of(&[]);
    for record in reader.records() {
        let record = record.ok()?;
        let standing = Standing::from_name(record.get(verdict)?)?;
        let codes = record.get(reasons)?.split(BETWEEN);
        let codes = codes.filter_map(|reason| reason.split(' ').next());
        figures.add(standing, codes.filter(|code| !code.is_empty()));
    }
    Some(figures)
}
