//! Who may read the pages: the password, kept as an argon2id hash in a file beside the store so that it can be set
//! while the daemon runs; sessions and access tokens, of which the store keeps hashes; and a brake on guessing.

mod limiter;
mod login;
mod password;
mod token;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use self::limiter::Limiter;
pub(super) use self::login::{log_in, log_out, show_login};
pub use self::password::{PasswordError, Passwords};
pub use self::token::fresh_token;
pub(super) use self::token::{Pass, shown as shown_token};
use crate::domain::hex::hex;
use crate::store::{Store, StoreError};

/// How long a session lasts.
pub(super) const SESSION: TimeDelta = TimeDelta::days(30);

/// Decides who may come in.
pub(super) struct Access {
    passwords: Passwords,
    /// Whether others than this machine may ask, so that nobody comes in without a password.
    is_exposed: bool,
    limiter: Limiter,
    /// Apart from the one of the log-in, so that a reader with an old token locks nobody out.
    wrong_tokens: Limiter,
    /// Verifying takes memory and time on purpose: one at a time.
    verifying: tokio::sync::Semaphore,
}

/// What a request is admitted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// No password is needed here.
    Open,
    /// Logged in.
    LoggedIn,
    /// A password is needed.
    Stranger,
}

impl Access {
    pub(super) fn new(passwords: Passwords, is_exposed: bool) -> Self {
        Self {
            passwords,
            is_exposed,
            limiter: Limiter::default(),
            wrong_tokens: Limiter::default(),
            verifying: tokio::sync::Semaphore::new(1),
        }
    }

    /// What a request with this session token may do.
    pub(super) async fn admission(
        &self,
        store: &Store,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Admission, AccessError> {
        let Some(password) = self.passwords.read()? else {
            // It was there when the pages were opened to others, and was taken away since.
            return Ok(if self.is_exposed { Admission::Stranger } else { Admission::Open });
        };
        let Some(token) = token else { return Ok(Admission::Stranger) };
        let known = store.has_session(hash(token), hash(&password), now).await?;
        Ok(if known { Admission::LoggedIn } else { Admission::Stranger })
    }
}

/// Why nobody can be let in.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccessError {
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}
