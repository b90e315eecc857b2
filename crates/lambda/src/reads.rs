//! What answers as `read-handler`: reads over HTTP and pages, for whoever a front door of AWS has let in.

use std::sync::Arc;

use api::http::{router, with_headers};
use api::{Queries, Site};
use aws::Aws;
use aws_smithy_async::time::SharedTimeSource;
use axum::Router;
use axum::middleware::from_fn_with_state;
use inventory::logging::{LogFormat, start_logging};
use lambda_http::Error;
use model::environment::{ConfigError, Environment};

use crate::front::{Front, PageSettings, only_who_was_let_in};

/// Everything that is read, behind the check of who asks.
///
/// # Errors
/// A setting of the page that cannot be used: nobody is let in by half a setting.
pub fn reads(
    aws: Aws,
    client: aws_sdk_dynamodb::Client,
    environment: Environment,
) -> Result<Router, ConfigError> {
    let front =
        Front::new(PageSettings::from_environment(&environment)?, SharedTimeSource::default());
    let site = Site::read_only(Arc::new(Queries::new(aws, client, environment)));
    let checked = router(site).layer(from_fn_with_state(Arc::new(front), only_who_was_let_in));
    Ok(with_headers(checked))
}

/// Serves events until Lambda ends the process.
///
/// # Errors
/// The Lambda runtime API is not there, or a setting cannot be used.
pub async fn serve() -> Result<(), Error> {
    start_logging(LogFormat::Json, "info");
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err("this program runs on AWS Lambda; on a laptop, use drs-inventory serve".into());
    }
    let environment = Environment::of_process();
    let aws = Aws::from_environment(&environment).await;
    let client = aws.dynamodb();
    lambda_http::run(reads(aws, client, environment)?).await
}
