//! The keys that `AssumeRole` handed out.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// What a key is good for.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) role: String,
    pub(crate) session_name: String,
    token: String,
    expires: Instant,
}

/// A key as it is handed out.
pub(crate) struct NewKey {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) token: String,
}

/// Whether a key may be used.
pub(crate) enum KeyCheck {
    /// Nobody handed it out: it is the hub's.
    Hub,
    /// Another AWS handed it out, to this account.
    Elsewhere(String),
    /// Another AWS was asked and does not know it.
    Unknown,
    /// It is good.
    Session(Session),
    /// Its session token is missing or not its own.
    WrongToken,
    /// It was good once.
    Expired,
}

#[derive(Default)]
pub(crate) struct Keys {
    sessions: HashMap<String, Session>,
    elsewhere: HashMap<String, Option<String>>,
}

impl Keys {
    pub(crate) fn hand_out(
        &mut self,
        account: &str,
        role: &str,
        session_name: &str,
        good_for: Duration,
    ) -> NewKey {
        let key = NewKey {
            access_key: format!("ASIA{}", random(16, char::is_uppercase)),
            secret_key: random(40, |_| true),
            token: random(120, |_| true),
        };
        let session = Session {
            account: account.to_owned(),
            role: role.to_owned(),
            session_name: session_name.to_owned(),
            token: key.token.clone(),
            expires: Instant::now() + good_for,
        };
        self.sessions.insert(key.access_key.clone(), session);
        key
    }

    /// Whether nobody knows yet whose key this is.
    pub(crate) fn is_new(&self, access_key: &str) -> bool {
        !self.sessions.contains_key(access_key) && !self.elsewhere.contains_key(access_key)
    }

    /// Remembers what another AWS said of a key.
    pub(crate) fn learn(&mut self, access_key: String, account: Option<String>) {
        self.elsewhere.insert(access_key, account);
    }

    pub(crate) fn check(&self, access_key: &str, token: Option<&str>) -> KeyCheck {
        match self.sessions.get(access_key) {
            None => match self.elsewhere.get(access_key) {
                None => KeyCheck::Hub,
                Some(None) => KeyCheck::Unknown,
                Some(Some(account)) => KeyCheck::Elsewhere(account.clone()),
            },
            Some(session) if token != Some(&session.token) => KeyCheck::WrongToken,
            Some(session) if session.expires <= Instant::now() => KeyCheck::Expired,
            Some(session) => KeyCheck::Session(session.clone()),
        }
    }
}

fn random(length: usize, wanted: impl Fn(char) -> bool) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).filter(|c| wanted(*c)).take(length).collect()
}
