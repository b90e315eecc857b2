//! The history of a server that somebody names by its ARN, or by its id alone.

use store::text;

use super::filter::ChangeFilter;
use crate::servers::ServerTables;
use crate::servers::one::{FindError, Reach, find_server};

/// Asks for the server with this ARN or id alone. A server that has left the inventory is looked for
/// by its id, among what happened in the time that is asked for.
///
/// # Errors
/// [`FindError`]; that the inventory does not have it is none.
pub async fn only_server(
    filter: ChangeFilter,
    tables: &ServerTables,
    (id, reach): (&str, Reach),
) -> Result<ChangeFilter, FindError> {
    let (mut subject, mut source_server_id) = (Some(id.to_owned()), None);
    if !id.starts_with("arn:") {
        match find_server(tables, id, reach).await {
            Ok(row) => subject = Some(text(&row, "sourceServerArn").to_owned()),
            Err(FindError::NotFound { .. }) => {
                (subject, source_server_id) = (None, Some(id.to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ChangeFilter { subject, source_server_id, ..filter })
}
