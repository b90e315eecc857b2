//! Accounts as the target-accounts table lists them.

/// The shared secret of a role's trust policy. Shown nowhere.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

/// One way into an account, as a row of the table gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The role to assume; absent where null or empty.
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for; absent where null or empty.
    pub external_id: Option<ExternalId>,
    /// What is wrong with the row, where something is: no way in through this listing.
    pub problem: Option<String>,
}

/// A row of the target-accounts table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetAccount {
    /// As it stands in the table; twelve digits unless the row is wrong.
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// How to enter it.
    pub listing: Listing,
}

/// A member of a row's `stagingAccounts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingAccount {
    /// As it stands in the table; twelve digits unless the row is wrong.
    pub account_id: String,
    /// For people.
    pub account_name: Option<String>,
    /// How to enter it.
    pub listing: Listing,
    /// The account whose row it stands in.
    pub target_account_id: String,
}

/// An account that is asked once, however often it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountToQuery {
    /// As it stands in the table.
    pub account_id: String,
    /// The ways in, in the order of the table. At least one.
    pub listings: Vec<Listing>,
}

/// Whether `text` is an AWS account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
