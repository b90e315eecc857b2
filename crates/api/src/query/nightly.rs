//! The report of now in a bucket, so that it can be read while the hub's region cannot.

use std::path::Path;

use inventory::as_of::{AsOfTables, fleet_now};
use inventory::picture::Freshness;
use inventory::report::{
    CSV_FILE, HTML_FILE, JSON_FILE, MANIFEST_FILE, Report, Selection, write_report,
};
use sync::settings::policy;
use tokio::task::spawn_blocking;

use super::Queries;
use super::bucket::{Bucket, needed};
use crate::answers::WrittenReport;
use crate::failure::{ErrorCode, Failure};

/// The files as they are put. The manifest is the last: a report without it is not whole.
const FILES: [(&str, &str); 4] = [
    (HTML_FILE, "text/html; charset=utf-8"),
    (CSV_FILE, "text/csv; charset=utf-8"),
    (JSON_FILE, "application/json"),
    (MANIFEST_FILE, "application/json"),
];

/// One file, as it is put.
struct File {
    name: &'static str,
    content_type: &'static str,
    content: Vec<u8>,
}

impl Queries {
    /// Writes the report of all servers as they are now into the bucket of the environment.
    ///
    /// # Errors
    /// `INVALID_STATE` where there is no bucket; a table that cannot be read; S3 does not take a file.
    /// Nothing is put after a file that was not taken.
    pub(crate) async fn write_report(&self) -> Result<WrittenReport, Failure> {
        // Boxed, since every operation has its place in the future of any.
        Box::pin(self.make_and_put()).await
    }

    async fn make_and_put(&self) -> Result<WrittenReport, Failure> {
        let settings = needed(self.environment(), "write a report into")?;
        let report = self.report_of_now().await?;
        let mut answer = WrittenReport {
            bucket: settings.name.clone(),
            prefix: format!("{}{}/", settings.prefix, day_of(&report)),
            files: Vec::new(),
            servers: report.figures.servers,
            complete: report.not_known.is_empty() && !report.not_known_is_cut,
        };
        let bucket = Bucket::new(&self.aws, settings);
        for File { name, content_type, content } in files_of(report).await? {
            let key = format!("{}{name}", answer.prefix);
            bucket.put(&key, content, content_type).await?;
            answer.files.push(name);
        }
        tracing::info!(
            bucket = answer.bucket,
            prefix = answer.prefix,
            servers = answer.servers,
            complete = answer.complete,
            "report written"
        );
        Ok(answer)
    }

    async fn report_of_now(&self) -> Result<Report, Failure> {
        let freshness = Freshness::from_environment(self.environment())?;
        let policy = policy(self.environment())?;
        let tables = AsOfTables::of(self.store())?;
        let fleet = fleet_now(&tables, &freshness).await?;
        Ok(Report::of(&fleet, Selection::default(), &policy, freshness.now))
    }
}

/// As in `2026-11-28`, of UTC.
fn day_of(report: &Report) -> &str {
    report.created_at.split('T').next().unwrap_or_default()
}

/// The files of a report. They are made on the disk, away from whoever else is answered meanwhile.
async fn files_of(report: Report) -> Result<Vec<File>, Failure> {
    spawn_blocking(move || write_and_read(&report)).await.unwrap_or_else(|error| {
        Err(Failure::new(ErrorCode::InternalError, format!("the report was not made: {error}")))
    })
}

fn write_and_read(report: &Report) -> Result<Vec<File>, Failure> {
    let directory =
        tempfile::tempdir().map_err(|error| cannot("make a temporary folder", &error))?;
    let made = directory.path().join("report");
    write_report(report, &made, false)?;
    FILES.into_iter().map(|file| read(&made, file)).collect()
}

fn read(
    directory: &Path,
    (name, content_type): (&'static str, &'static str),
) -> Result<File, Failure> {
    let content = std::fs::read(directory.join(name));
    let content = content.map_err(|error| cannot(&format!("read {name} of the report"), &error))?;
    Ok(File { name, content_type, content })
}

fn cannot(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::InternalError, format!("cannot {what}: {error}"))
}
