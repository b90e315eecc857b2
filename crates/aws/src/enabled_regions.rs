//! The regions that an account has enabled.

use aws_sdk_account::Client;
use aws_sdk_account::types::RegionOptStatus;

use super::page_tokens::PageTokens;
use super::service_error::{ServiceError, service_error};

/// The names of the regions that are enabled in the account of the client, every page.
///
/// # Errors
/// The call of a page failed; half a list is never returned.
pub async fn list_enabled_regions(client: &Client) -> Result<Vec<String>, ServiceError> {
    let call = client
        .list_regions()
        .region_opt_status_contains(RegionOptStatus::Enabled)
        .region_opt_status_contains(RegionOptStatus::EnabledByDefault);
    let (mut tokens, mut token) = (PageTokens::of_listing(), None);
    let mut regions = Vec::new();
    loop {
        let page = call.clone().set_next_token(token.take()).send().await;
        let page = page.map_err(|error| service_error(&error))?;
        regions.extend(page.regions().iter().filter_map(|region| region.region_name.clone()));
        token = tokens.next(page.next_token)?;
        if token.is_none() {
            return Ok(regions);
        }
    }
}
