//! The Lambda function `query-handler`: reads of the inventory, and the sync.

use lambda::query::QueryHandler;
use lambda::runtime::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(|aws, environment| {
        let store = aws.dynamodb();
        QueryHandler::new(aws, store, environment)
    })
    .await
}
