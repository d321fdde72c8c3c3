//! Why a mail was not taken: at which stage, whom that concerns, and how it is mended. What the server said is quoted,
//! made plain and short; nothing secret is.

use std::fmt;
use std::time::Duration;

use crate::config::SecretError;
use crate::domain::render::is_harmful;
use crate::notify::FailureScope;

/// Characters of a server's answer that are quoted.
const MOST_QUOTED: usize = 300;

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// `[smtp]` names something that cannot be used; no connection is tried.
    #[error("smtp.{key}: {problem}")]
    Setup {
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        problem: String,
    },
    /// The password is not where the configuration says.
    #[error("the password of the mail server: {0}")]
    Password(#[from] SecretError),
    /// The server said no.
    #[error("{server} refused {stage}: {code} {answer}{}", stage.mend())]
    Refused {
        /// Host and port.
        server: String,
        /// What it refused.
        stage: Stage,
        /// Its answer, such as 550.
        code: u16,
        /// Its words.
        answer: String,
    },
    /// The connection did not come about.
    #[error("{server} failed at {stage}: {problem}{}", stage.mend())]
    Failed {
        /// Host and port.
        server: String,
        /// How far it had come.
        stage: Stage,
        /// What happened.
        problem: String,
    },
    /// The connection did not hold, or what came over it answered something else.
    #[error("{server} failed at {stage}: {problem}{}", stage.mend())]
    Broken {
        /// Host and port.
        server: String,
        /// How far it had come.
        stage: Stage,
        /// What happened.
        problem: String,
    },
    /// The server said nothing for too long.
    #[error("{server} gave no answer to {stage} within {} s{}", patience.as_secs(), stage.mend_silence())]
    Silent {
        /// Host and port.
        server: String,
        /// What it did not answer.
        stage: Stage,
        /// How long it had.
        patience: Duration,
    },
    /// The recipient is no address, or the message cannot be written to it.
    #[error("cannot write to {recipient}: {problem}")]
    Recipient {
        /// As configured.
        recipient: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reaching the server.
    Connect,
    /// Its greeting and what it can do.
    Greeting,
    /// Asking for encryption.
    StartTls,
    /// Encrypting.
    Tls,
    /// Name and password.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and the message.
    Text,
    /// The dot after the message; what became of it is unknown before the answer.
    End,
}

impl Stage {
    /// What can be done when it fails, in `[smtp]` where that is the place.
    fn mend(self) -> &'static str {
        match self {
            Self::Connect => "; is it running, and are host and port of [smtp] right?",
            Self::Greeting => "; does tls of [smtp] fit this port (587: starttls, 465: implicit)?",
            Self::StartTls => "; if the server encrypts from the first byte on, write tls = \"implicit\" into [smtp]",
            Self::Tls => {
                "; is host of [smtp] the name in the certificate? a private authority's certificate, or a self-signed \
                 one that says CA:FALSE, is named with ca_file"
            }
            Self::Login => "; check username and password of [smtp]",
            Self::Sender => "; may this login send as the address in from of [smtp]?",
            Self::Recipient | Self::Text | Self::End => "",
        }
    }

    /// What can be done when nothing is heard: later on it is up to the server.
    fn mend_silence(self) -> &'static str {
        if matches!(self, Self::Connect | Self::Greeting | Self::StartTls) { self.mend() } else { "" }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "the connection",
            Self::Greeting => "the greeting",
            Self::StartTls => "STARTTLS",
            Self::Tls => "the encryption",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Text | Self::End => "the message",
        })
    }
}

impl EmailError {
    /// Whether a later attempt can succeed: always, but for what the server refuses for good about one recipient or
    /// message, and for mistakes that need another configuration. A wrong certificate, a refused login or a
    /// missing STARTTLS is mended at the server often enough.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Setup { .. } | Self::Recipient { .. } => false,
            Self::Refused { stage: Stage::Recipient | Stage::Text | Stage::End, code, .. } => *code < 500,
            Self::Refused { .. }
            | Self::Password(_)
            | Self::Failed { .. }
            | Self::Broken { .. }
            | Self::Silent { .. } => true,
        }
    }

    /// Whom it concerns. A connection that is cut while a message is sent can be the fault of that message, so others
    /// are tried; a server that is silent will be so for others too.
    pub fn scope(&self) -> FailureScope {
        match self {
            // "Service not available, closing" is about the server, whatever was asked.
            Self::Refused { code: 421, .. } => FailureScope::Channel,
            Self::Refused { stage: Stage::Recipient | Stage::Text | Stage::End, .. }
            | Self::Broken { stage: Stage::Text | Stage::End, .. }
            | Self::Recipient { .. } => FailureScope::Recipient,
            Self::Refused { .. }
            | Self::Failed { .. }
            | Self::Broken { .. }
            | Self::Setup { .. }
            | Self::Password(_)
            | Self::Silent { .. } => FailureScope::Channel,
        }
    }

    /// How far the mail had come, if it was on its way.
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Refused { stage, .. }
            | Self::Failed { stage, .. }
            | Self::Broken { stage, .. }
            | Self::Silent { stage, .. } => Some(*stage),
            Self::Setup { .. } | Self::Password(_) | Self::Recipient { .. } => None,
        }
    }

    /// Whether the message may have arrived although the server did not say so.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Broken { stage: Stage::End, .. } | Self::Silent { stage: Stage::End, .. })
    }

    /// Whether the connection broke before the server could have taken the message.
    pub(super) fn is_broken_early(&self) -> bool {
        matches!(self, Self::Broken { .. }) && !self.is_in_doubt()
    }

    /// Whether the next message can go over the same connection.
    pub(super) fn leaves_the_connection(&self) -> bool {
        let is_mine = matches!(self, Self::Refused { stage: Stage::Recipient | Stage::Text | Stage::End, .. });
        is_mine && !matches!(self, Self::Refused { code: 421, .. })
    }
}

/// What a server said, on one line, without what a terminal or a page would obey.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut plain: String = words.join(" ").chars().filter(|character| !is_harmful(*character)).collect();
    if let Some((at, _)) = plain.char_indices().nth(MOST_QUOTED) {
        plain.truncate(at);
        plain.push('…');
    }
    plain
}
