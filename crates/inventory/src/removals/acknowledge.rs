//! A region that is closed on purpose: for a time it is no failure, and its servers stay.

use aws::service_error;
use jiff::Timestamp;
use model::Place;
use store::rows::ledger::entry_key;
use store::string;
use store::tables::AccountRegionStatusTable;
use sync::time::iso;

use super::{RemovalError, is_place};

/// Characters of a reason.
const LONGEST_REASON: usize = 500;

/// Until when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// From then on it is a failure again.
    pub until: Timestamp,
    /// In somebody's words: up to 500 characters, none of them of control.
    pub because: String,
}

/// Acknowledges that a region of an account is closed on purpose, from the next sync on.
///
/// # Errors
/// [`RemovalError::Invalid`] where the time is not to come, or the reason is none;
/// [`RemovalError::NotFound`] where no sync has asked the region.
pub async fn acknowledge_region(
    ledger: &AccountRegionStatusTable,
    place: &Place,
    acknowledgement: &Acknowledgement,
    now: Timestamp,
) -> Result<(), RemovalError> {
    let Acknowledgement { until, because } = acknowledgement;
    if *until <= now {
        return Err(RemovalError::invalid("until", &iso(*until), "a time that is to come"));
    }
    let because = because.trim();
    let length = because.chars().count();
    if !(1..=LONGEST_REASON).contains(&length) || because.chars().any(char::is_control) {
        let expected = "a reason of 1 to 500 characters, on one line";
        return Err(RemovalError::invalid("because", because, expected));
    }
    if !is_place(place) {
        return Err(RemovalError::NotFound { place: place.to_string() });
    }
    let update = ledger
        .client
        .update_item()
        .table_name(&ledger.name)
        .set_key(Some(entry_key(&place.account_id, &place.region)))
        .condition_expression("attribute_exists(accountId)")
        .update_expression("SET acknowledgedUntil = :until, acknowledgedBecause = :because")
        .expression_attribute_values(":until", string(&iso(*until)))
        .expression_attribute_values(":because", string(because));
    match update.send().await.map_err(|error| service_error(&error)) {
        Ok(_) => Ok(()),
        Err(error) if error.code() == "ConditionalCheckFailedException" => {
            Err(RemovalError::NotFound { place: place.to_string() })
        }
        Err(source) => Err(RemovalError::Service { table: ledger.name.clone(), source }),
    }
}
