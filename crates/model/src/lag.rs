//! How far a replica lags behind its server.

use std::time::Duration;

/// Seconds of an ISO 8601 duration, as in `PT1H5M`; none where the text is no duration. A server that
/// has none was never in step.
pub fn lag_seconds(text: &str) -> Option<u64> {
    let lag: jiff::Span = text.parse().ok()?;
    let lag = lag.total(jiff::SpanTotal::from(jiff::Unit::Second).days_are_24_hours()).ok()?;
    // A lag is never negative, and far below 2^53 s.
    (lag >= 0.0).then_some(lag as u64)
}

/// A lag against the recovery point objective. Within a class a lag says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LagClass {
    /// DRS gives none.
    None,
    /// Within the objective.
    Within,
    /// At most twice the objective.
    Twice,
    /// At most four times the objective.
    FourTimes,
    /// More.
    More,
}

impl LagClass {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::None, Self::Within, Self::Twice, Self::FourTimes, Self::More];

    /// As in `FOUR_TIMES`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Within => "WITHIN",
            Self::Twice => "TWICE",
            Self::FourTimes => "FOUR_TIMES",
            Self::More => "MORE",
        }
    }

    /// The class of an ISO 8601 duration.
    pub fn of(lag: &str, rpo: Duration) -> Self {
        let Some(lag) = lag_seconds(lag) else { return Self::None };
        let rpo = rpo.as_secs();
        match lag {
            lag if lag <= rpo => Self::Within,
            lag if lag <= rpo.saturating_mul(2) => Self::Twice,
            lag if lag <= rpo.saturating_mul(4) => Self::FourTimes,
            _ => Self::More,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_has_a_class_by_the_objective() {
        let class = |lag| LagClass::of(lag, Duration::from_secs(900));
        assert_eq!(class(""), LagClass::None);
        assert_eq!(class("no duration"), LagClass::None);
        assert_eq!(class("PT15M"), LagClass::Within);
        assert_eq!(class("PT15M1S"), LagClass::Twice);
        assert_eq!(class("PT1H"), LagClass::FourTimes);
        assert_eq!(class("P1DT2H"), LagClass::More);
    }
}
