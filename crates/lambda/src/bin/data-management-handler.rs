//! The Lambda function `data-management-handler`: accounts, protection groups, recovery plans.

use lambda::data::DataHandler;
use lambda::runtime::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(|aws, environment| {
        let client = aws.dynamodb();
        DataHandler::new(aws, client, &environment)
    })
    .await
}
