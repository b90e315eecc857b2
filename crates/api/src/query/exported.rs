//! The accounts of now in a bucket: what an installation in another region cannot read anew from AWS.

use inventory::accounts::{ExternalIds, export_accounts};
use jiff::Timestamp;
use store::tables::get_target_accounts_table;

use super::Queries;
use super::bucket::{Bucket, needed};
use crate::answers::ExportedAccounts;
use crate::failure::Failure;

impl Queries {
    /// Writes the accounts, without external ids, into the bucket of the environment.
    ///
    /// # Errors
    /// `INVALID_STATE` where there is no bucket; a table that cannot be read; S3 does not take the file.
    pub(crate) async fn export_accounts(&self) -> Result<ExportedAccounts, Failure> {
        // Boxed, since every operation has its place in the future of any.
        Box::pin(self.export_and_put()).await
    }

    async fn export_and_put(&self) -> Result<ExportedAccounts, Failure> {
        let settings = needed(self.environment(), "export accounts into")?;
        let table = get_target_accounts_table(self.store())?;
        let export = export_accounts(&table, ExternalIds::LeftOut).await?;
        let answer = ExportedAccounts {
            bucket: settings.name.clone(),
            // A day each, so that a table that was emptied by mistake does not take the earlier ones along.
            key: format!("{}accounts/{}.json", settings.prefix, Timestamp::now().strftime("%F")),
            target_accounts: export.targets(),
            staging_accounts: export.staging_accounts(),
            left_out: export.left_out().to_vec(),
        };
        let bucket = Bucket::new(&self.aws, settings);
        bucket.put(&answer.key, export.to_json().into_bytes(), "application/json").await?;
        tracing::info!(
            bucket = answer.bucket,
            key = answer.key,
            target_accounts = answer.target_accounts,
            left_out = answer.left_out.len(),
            "accounts exported"
        );
        Ok(answer)
    }
}
