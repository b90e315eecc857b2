//! What the last launch of a server proves. A recovery proves as much as a drill.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Policy;
use crate::{LastLaunch, SourceServer};

/// What the last launch proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Drill {
    /// It succeeded, not too long ago, on the machine as it is.
    Current,
    /// It succeeded longer ago than the policy allows.
    Old,
    /// There was none.
    Never,
    /// It failed.
    Failed,
    /// It succeeded on a machine that was another one in some part.
    ChangedSince,
}

impl Drill {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Current, Self::Old, Self::Never, Self::Failed, Self::ChangedSince];

    /// As in `CHANGED_SINCE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Current => "CURRENT",
            Self::Old => "OLD",
            Self::Never => "NEVER",
            Self::Failed => "FAILED",
            Self::ChangedSince => "CHANGED_SINCE",
        }
    }
}

/// How a drill that is under way is counted: it proves nothing yet, and no row names it.
pub const UNDER_WAY: &str = "UNDER_WAY";

/// How long ago the last launch was. What is shown beside [`Drill`], which depends on the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DrillAge {
    /// Less than 90 days.
    Under90Days,
    /// Less than 180 days.
    Under180Days,
    /// Longer, or nobody knows when.
    Older,
    /// Never launched.
    Never,
}

impl DrillAge {
    /// As in `UNDER_90_DAYS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Under90Days => "UNDER_90_DAYS",
            Self::Under180Days => "UNDER_180_DAYS",
            Self::Older => "OLDER",
            Self::Never => "NEVER",
        }
    }

    /// Of the last launch of a server, at `now`.
    pub fn of(launch: Option<&LastLaunch>, now: Timestamp) -> Self {
        let Some(launch) = launch else { return Self::Never };
        match age_of(&launch.at, now) {
            Some(age) if age < days(90) => Self::Under90Days,
            Some(age) if age < days(180) => Self::Under180Days,
            Some(_) | None => Self::Older,
        }
    }
}

/// What the last launch of a server proves at `now`, if the machine is still the same; none while one
/// is under way.
pub(super) fn drill_of(server: &SourceServer, policy: &Policy, now: Timestamp) -> Option<Drill> {
    let result = server.last_launch_result.as_str();
    let Some(launch) = &server.last_launch else {
        return match result {
            "FAILED" => Some(Drill::Failed),
            "PENDING" => None,
            _ => Some(Drill::Never),
        };
    };
    match (launch.status.as_str(), result) {
        ("FAILED", _) | (_, "FAILED") => return Some(Drill::Failed),
        ("PENDING" | "IN_PROGRESS", _) | (_, "PENDING") => return None,
        _ => {}
    }
    let is_old = policy.drill_max_age.is_some_and(|most| {
        age_of(&launch.at, now).is_none_or(|age| age.is_negative() || age > most)
    });
    Some(if is_old { Drill::Old } else { Drill::Current })
}

fn age_of(at: &str, now: Timestamp) -> Option<SignedDuration> {
    at.parse().ok().map(|at: Timestamp| now.duration_since(at))
}

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}
