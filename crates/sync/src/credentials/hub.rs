//! The account that the sync starts in.

use std::time::Duration;

use aws::{Aws, ServerDate, ServiceError, service_error};
use model::is_account_id;

/// The hub: the account the sync starts in.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Twelve digits.
    pub account_id: String,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: String,
    /// Who the credentials are of, as in `arn:aws:sts::111111111111:assumed-role/NAME/SESSION`.
    pub arn: String,
    /// How far this machine's clock is from that of AWS; none where AWS told no time.
    pub clock_off_by: Option<Duration>,
}

/// Asks STS which account the hub's own credentials belong to.
///
/// # Errors
/// What STS answered, or an answer that names no account.
pub async fn identify_hub(aws: &Aws) -> Result<Hub, ServiceError> {
    let date = ServerDate::default();
    let ask = aws.sts().get_caller_identity().customize().interceptor(date.clone());
    let answer = ask.send().await;
    let identity = answer.map_err(|error| service_error(&error))?;
    let arn = identity.arn().unwrap_or_default().to_owned();
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let account = identity.account().filter(|id| is_account_id(id));
    let account_id = account.map(str::to_owned).ok_or_else(|| ServiceError::Unusable {
        code: "InvalidResponse",
        message: "the answer to GetCallerIdentity names no account of twelve digits".to_owned(),
    })?;
    Ok(Hub { account_id, partition, arn, clock_off_by: date.clock_off_by() })
}
