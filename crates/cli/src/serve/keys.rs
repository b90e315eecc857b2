//! What opens the door: made anew at each start, kept in memory only.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Bytes of a key, so that nobody guesses it.
const KEY_BYTES: usize = 32;

/// Something that only who was told it knows. It is never logged.
pub(super) struct Key(String);

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// Where the system has no random numbers.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self(random_name(KEY_BYTES)?))
    }

    /// Whether this is what somebody gave. How long it takes tells nothing of the key: hashes are
    /// compared.
    pub(super) fn is(&self, given: &str) -> bool {
        Sha256::digest(&self.0) == Sha256::digest(given)
    }

    /// For whoever is to know it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

/// Letters and digits that nobody guesses, of so many random bytes.
///
/// # Errors
/// Where the system has no random numbers.
pub(super) fn random_name(bytes: usize) -> anyhow::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).context("the system has no random numbers")?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}
