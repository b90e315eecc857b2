//! Why a moment cannot be told.

use store::QueryError;

/// Why a moment cannot be told. Times are ISO 8601.
#[derive(Debug, thiserror::Error)]
pub enum AsOfError {
    /// It has not come yet.
    #[error("{time} has not come yet, it is {now}; expected a time in the past")]
    Future {
        /// The moment.
        time: String,
        /// What time it is.
        now: String,
    },
    /// Nothing was kept yet.
    #[error(
        "nothing is known of {time}: the history starts at {earliest}; ask for that time or later"
    )]
    BeforeHistory {
        /// The moment.
        time: String,
        /// The first moment that can be asked for.
        earliest: String,
    },
    /// No sync of all accounts has ended.
    #[error(
        "nothing is known of {time}: the history starts when a sync of all accounts ends, and none has; \
         run `sync` first"
    )]
    NoHistory {
        /// The moment.
        time: String,
    },
    /// The history is not kept for so long.
    #[error("{time} is more than {days} days ago; the history is kept for {days} days")]
    TooLongAgo {
        /// The moment.
        time: String,
        /// Days that the history goes back.
        days: i64,
    },
    /// More happened than one question reads.
    #[error(
        "more happened since {time} than one question reads ({pages} pages); ask for a later time"
    )]
    TooMuch {
        /// The moment.
        time: String,
        /// Pages of at most 1 MB.
        pages: usize,
    },
    /// A table could not be read.
    #[error(transparent)]
    Read(#[from] QueryError),
}
