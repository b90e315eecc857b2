//! The Lambda function `read-handler`: reads of the inventory over HTTP, and the pages.

use lambda::reads::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    serve().await
}
