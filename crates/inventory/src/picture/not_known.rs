//! One thing that is not known: the whole installation, an account, or an account and region.

use model::Place;
use serde::{Deserialize, Serialize};
use store::Item;
use store::rows::ledger::{ACCOUNT_ENTRY, AccountEntry, PlaceEntry};

macro_rules! whys {
    ($($(#[$doc:meta])* $variant:ident $name:literal, $do:literal;)+) => {
        /// Why something is not known.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Why {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Why {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// As in `NOT_ENTERED`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What to do about it.
            pub fn what_to_do(self) -> &'static str {
                match self { $(Self::$variant => $do,)+ }
            }
        }
    };
}

whys! {
    /// No sync of all accounts has ended yet.
    NoSync "NO_SYNC", "wait for the first sync, or run `drs-inventory sync`";
    /// A sync of all accounts was ended before it was done.
    CutShort "CUT_SHORT",
        "look why it ended, as at a time limit; the next sync reads what it left";
    /// The account is in the accounts table, and no sync has asked it.
    NeverAsked "NEVER_ASKED", "wait for the next sync; it asks every account of the table";
    /// The organization has the account, and the accounts table has not.
    NeverAdded "NEVER_ADDED",
        "add it by `drs-inventory accounts discover --apply`, or leave it out with DISCOVER_ACCOUNTS, DISCOVER_OUS or DISCOVER_TAGS";
    /// The account could not be entered when it was last asked.
    NotEntered "NOT_ENTERED",
        "look at the role in the account: its trust, its external id, and whether it is there";
    /// The place was asked and never answered.
    NeverRead "NEVER_READ", "do what its status says; nothing is known of its servers until then";
    /// The place did not answer when it was last asked.
    Failed "FAILED", "do what its status says; its servers are as they were when it last answered";
    /// It was last read too long ago.
    Stale "STALE", "look whether the schedule still runs, and when the last sync ended";
    /// The last sync of all accounts could not read all of it.
    NotRead "NOT_READ", "look at what the last sync says of it; the next sync asks again";
    /// The place answered, and rows of some of its servers could not be stored.
    NotStored "NOT_STORED", "look at the log of the sync for the rows that the table refused";
    /// Rows that no account and region is known to list.
    NoPlace "NO_PLACE", "run a sync; it finds the places of rows that earlier versions wrote";
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotKnown {
    /// The account; none where it is the whole installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The region; none where it is the whole account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Why.
    pub why: Why,
    /// What the last query ended as, or the code of what kept the account closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The same in the words of AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The first of the failures that followed each other, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// When it was last read, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_success: Option<String>,
    /// Servers that were there when it last answered.
    pub servers: u64,
}

impl NotKnown {
    /// The whole installation.
    pub(super) fn whole(why: Why) -> Self {
        Self {
            account_id: None,
            region: None,
            why,
            status: None,
            message: None,
            since: None,
            last_success: None,
            servers: 0,
        }
    }

    /// A whole account.
    pub(crate) fn account(account_id: &str, why: Why) -> Self {
        Self { account_id: Some(account_id.to_owned()), ..Self::whole(why) }
    }

    /// An account that could not be entered.
    pub(crate) fn not_entered(entry: &AccountEntry) -> Self {
        Self {
            status: entry.error_code.clone(),
            message: entry.error_message.clone(),
            since: entry.failing_since.clone(),
            last_success: entry.last_success.clone(),
            ..Self::account(&entry.account_id, Why::NotEntered)
        }
    }

    /// An account and region, and what its entry says.
    pub(super) fn place(place: &Place, entry: &PlaceEntry, why: Why) -> Self {
        Self {
            region: Some(place.region.clone()),
            status: Some(entry.status.clone()).filter(|status| !status.is_empty()),
            message: entry.error_message.clone(),
            since: entry.failing_since.clone(),
            last_success: entry.last_success.clone(),
            servers: entry.server_count + entry.counts.missing(),
            ..Self::account(&place.account_id, why)
        }
    }

    /// Of a row of `TroubleIndex`.
    pub(super) fn of_trouble(item: Item, why: Why) -> Self {
        let entry: PlaceEntry = serde_dynamo::from_item(item).unwrap_or_default();
        if entry.region != ACCOUNT_ENTRY {
            let place = Place::new(&entry.account_id, &entry.region);
            return Self::place(&place, &entry, why);
        }
        Self::not_entered(&AccountEntry {
            account_id: entry.account_id,
            failing_since: entry.failing_since,
            error_code: entry.error_code,
            error_message: entry.error_message,
            ..AccountEntry::default()
        })
    }

    /// What names it.
    pub(super) fn key(&self) -> (Option<String>, Option<String>) {
        (self.account_id.clone(), self.region.clone())
    }
}
