//! Account Management: REST-JSON, `POST /listRegions`.

use serde_json::{Value, json};

use crate::reply::{JSON, Reply};
use crate::world::organization::AccountRegions;

/// The regions that the account of the caller has enabled. An account of which the world says nothing
/// has no role that may ask.
pub(crate) fn list_regions(regions: Option<&AccountRegions>) -> Reply {
    let Some(regions) = regions else {
        let message = "User is not authorized to perform: account:ListRegions because no \
                       identity-based policy allows the account:ListRegions action";
        return Reply::error(403, "AccessDeniedException", message);
    };
    let enabled: Vec<Value> = regions
        .enabled
        .iter()
        .map(|region| json!({ "RegionName": region, "RegionOptStatus": "ENABLED" }))
        .collect();
    let body = json!({ "Regions": enabled }).to_string().into_bytes();
    Reply::Answer { content_type: JSON, body }
}
