//! What every reader's answer says: as of when, and what could not be known.

use inventory::picture::{self, Picture};
use serde::Serialize;
use utoipa::ToSchema;

/// Things that are not known that an answer names.
const MOST_NOT_KNOWN: usize = 200;

/// As of when an answer is, and what it does not speak for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Picture)]
#[serde(rename_all = "camelCase")]
pub struct PictureAnswer {
    /// Start of the last sync of all accounts that ended, ISO 8601; null where none ever did.
    #[schema(required)]
    as_of: Option<String>,
    /// Whether nothing is missing.
    complete: bool,
    /// What is not known, at most 200.
    #[schema(value_type = Vec<NotKnown>)]
    not_known: Vec<picture::NotKnown>,
    /// How many more things are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_known_left_out: Option<usize>,
    /// Removals that wait for an approval.
    #[schema(value_type = Vec<HeldRemoval>)]
    removals_held: Vec<picture::HeldRemoval>,
}

impl From<Picture> for PictureAnswer {
    fn from(mut picture: Picture) -> Self {
        let complete = picture.is_complete();
        let left_out = picture.not_known.len().saturating_sub(MOST_NOT_KNOWN);
        picture.not_known.truncate(MOST_NOT_KNOWN);
        Self {
            as_of: picture.as_of,
            complete,
            not_known: picture.not_known,
            not_known_left_out: (left_out > 0 || picture.is_cut).then_some(left_out),
            removals_held: picture.removals_held,
        }
    }
}

/// Something that is not known.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NotKnown {
    /// The account; absent where it is the whole installation.
    pub account_id: Option<String>,
    /// The region; absent where it is the whole account.
    pub region: Option<String>,
    /// Why.
    pub why: Why,
    /// What the last query ended as, or the code of what kept the account closed.
    pub status: Option<String>,
    /// The same in the words of AWS.
    pub message: Option<String>,
    /// The first of the failures that followed each other, ISO 8601.
    pub since: Option<String>,
    /// When it was last read, ISO 8601.
    pub last_success: Option<String>,
    /// Servers that were there when it last answered.
    pub servers: u64,
}

/// Why something is not known. `NO_SYNC`: no sync of all accounts has ended yet. `CUT_SHORT`: one was
/// ended before it was done. `NEVER_ASKED`: no sync has asked the account. `NEVER_ADDED`: the
/// organization has the account, and the accounts table has not. `NOT_ENTERED`: it could not be entered. `NEVER_READ`: the place never answered. `FAILED`: it did not when it was last asked.
/// `STALE`: it was read longer ago than `STALE_AFTER_MINUTES`. `NOT_READ`: the last sync of all accounts
/// could not read all of it. `NOT_STORED`: rows of some servers could not be stored. `NO_PLACE`: rows
/// that no account and region is known to list.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the type tells what each means")]
pub enum Why {
    NoSync,
    CutShort,
    NeverAsked,
    NeverAdded,
    NotEntered,
    NeverRead,
    Failed,
    Stale,
    NotRead,
    NotStored,
    NoPlace,
}

/// Rows of a place, or of the whole installation, that leave the inventory only once somebody says so.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct HeldRemoval {
    /// Absent where it is the whole installation.
    pub account_id: Option<String>,
    /// Absent where it is the whole installation.
    pub region: Option<String>,
    /// Why.
    pub because: HeldBecause,
    /// What the last query ended as; absent where it is the whole installation.
    pub status: Option<String>,
    /// How many rows.
    pub count: u64,
    /// Since when, ISO 8601.
    pub since: String,
}

/// Why rows wait: too many of them are missing at once, or the region is not in use any more.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the type tells what each means")]
pub enum HeldBecause {
    TooMany,
    Closed,
}
