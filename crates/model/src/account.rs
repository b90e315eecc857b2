//! Accounts as the target-accounts table lists them.

use serde::de::{Deserialize, Deserializer, Error};

/// The shared secret of a role's trust policy. Shown nowhere.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

/// Length of an external id. Source: STS API reference, `AssumeRole`.
const EXTERNAL_ID_LENGTH: std::ops::RangeInclusive<usize> = 2..=1224;

impl ExternalId {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What STS takes, in words.
    pub const EXPECTED: &str = "2 to 1224 letters, digits and characters of _+=,.@:/-";

    /// Whether STS takes it.
    pub fn is_valid(&self) -> bool {
        EXTERNAL_ID_LENGTH.contains(&self.0.len())
            && self.0.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c))
    }

    /// For whoever sends or stores it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

impl<'de> Deserialize<'de> for ExternalId {
    /// Of what is no text the error says only that: a secret may have been written as a number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text =
            String::deserialize(deserializer).map_err(|_| D::Error::custom("expected a text"))?;
        Ok(Self(text))
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

/// The name of an IAM role, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName(String);

/// Length of a role's name. Source: IAM API reference, `CreateRole`.
const ROLE_NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=64;

impl RoleName {
    /// What IAM takes, in words.
    pub const EXPECTED: &str =
        "the name of a role without its path: 1 to 64 letters, digits and characters of _+=,.@-";

    /// None where IAM has no such name.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = ROLE_NAME_LENGTH.contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
        fits.then(|| Self(text.to_owned()))
    }

    /// As IAM has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ARN of the role of this name in an account.
    pub fn arn(&self, partition: &str, account_id: &str) -> String {
        format!("arn:{partition}:iam::{account_id}:role/{}", self.0)
    }
}

/// The role that is tried where the accounts table names none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRole {
    /// For an account that the table does not know, or knows without a role.
    pub name: RoleName,
    /// For an account that the table does not know; none is sent where there is none.
    pub external_id: Option<ExternalId>,
}

impl Default for MemberRole {
    fn default() -> Self {
        Self {
            name: RoleName("DRSOrchestrationRole".to_owned()),
            external_id: Some(ExternalId::new("drs-orchestration-cross-account")),
        }
    }
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
