//! `pressdiff attest`: the head of the hash chain, for publishing, and time stamps on it by others (RFC 3161).

mod signature;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, SecondsFormat};
use clap::Args;

use super::failure::{Status, UsageError};
use super::session::Session;
use super::target::check_target;
use crate::domain::hex::hex;
use crate::domain::stamp::{self, Stamp};
use crate::store::{ChainHead, KeptStamp, Store};

/// Print the hash that stands for the whole record, to publish or have time-stamped.
///
/// Prints the last link of the chain, which stands for everything before it: whoever has it can tell later whether
/// anything was changed. A time-stamping authority can sign that it existed; docs/evidence.md shows how.
#[derive(Debug, Args)]
pub(super) struct Attest {
    /// Write a request for a time stamp on the last link
    #[arg(long, value_name = "FILE", conflicts_with = "answer")]
    request: Option<PathBuf>,
    /// Replace the file of --request if it exists
    #[arg(long, requires = "request")]
    force: bool,
    /// Keep the answer to such a request, if it is about a link of this record
    #[arg(long, value_name = "FILE")]
    answer: Option<PathBuf>,
    /// With --answer: check its signature, with the certificates of authorities that you trust, in PEM
    #[arg(long, value_name = "FILE", requires = "answer")]
    ca: Option<PathBuf>,
    /// Write the answers that are kept into this folder, each under the number of its link
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["request", "answer"])]
    kept: Option<PathBuf>,
}

/// No answer is longer, in bytes.
const LONGEST_ANSWER: u64 = 1 << 20;

impl Attest {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        if let Some(file) = &self.answer {
            let store = Store::open_existing(&session.config()?.store.path)?;
            return keep(&store, file, self.ca.as_deref(), session).await;
        }
        let (config, store) = session.record()?;
        if let Some(folder) = &self.kept {
            return hand_out(&store, folder, session).await;
        }
        if let Some(file) = &self.request {
            check_target(file, self.force, &config)?;
        }
        let head = store.find_head().await?;
        if head.links == 0 {
            bail!("the record is empty: there is nothing to attest yet");
        }
        if let Some(file) = &self.request {
            let mut nonce = [0; 8];
            getrandom::fill(&mut nonce).context("no random number for the request")?;
            let request = stamp::request(parse_link(&head.link)?, nonce)?;
            fs::write(file, request).with_context(|| format!("cannot write {}", file.display()))?;
        }
        session.output.print(&tell(&head, session))?;
        if let Some(file) = &self.request {
            session.output.note(&format!(
                "wrote {}; send it to a time-stamping authority, then: pressdiff attest --answer FILE",
                file.display()
            ));
        }
        Ok(Status::Done)
    }
}

fn tell(head: &ChainHead, session: &Session) -> String {
    let now = session.clock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("links  {}\nhead   {}\nat     {now}", head.links, head.link)
}

async fn keep(store: &Store, file: &Path, ca: Option<&Path>, session: &Session) -> anyhow::Result<Status> {
    let answer = read_bounded(file).with_context(|| format!("cannot read {}", file.display()))?;
    let stamp = stamp::read(&answer).with_context(|| format!("{} does not grant a time stamp", file.display()))?;
    if let Some(ca) = ca {
        let authorities = signature::read_authorities(ca)?;
        signature::check(&stamp, &authorities).with_context(|| format!("{} proves nothing", file.display()))?;
    }
    let Stamp { imprint, at, .. } = stamp;
    let Some(position) = store.find_link(imprint).await? else {
        bail!("{} is about something else: no link of this record is {}", file.display(), hex(&imprint));
    };
    store.save_stamp(position, imprint, session.clock.now(), answer).await?;
    let at = DateTime::from_timestamp(at.cast_signed(), 0).context("its time is out of range")?;
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    session.output.print(&match ca {
        Some(ca) => format!("link {position} existed at {at}; the signature is of an authority in {}", ca.display()),
        None => format!("link {position} existed at {at}, says the answer; --ca FILE checks its signature"),
    })?;
    Ok(Status::Done)
}

/// Writes the answers that are kept for whoever wants to check them again. What is there stays as it is.
async fn hand_out(store: &Store, folder: &Path, session: &Session) -> anyhow::Result<Status> {
    let stamps = store.list_stamps().await?;
    let failed = |path: &Path| format!("cannot write {}", path.display());
    fs::create_dir_all(folder).with_context(|| failed(folder))?;
    let (mut last, mut number) = (0, 0);
    for KeptStamp { position, answer } in stamps {
        number = if position == last { number + 1 } else { 1 };
        last = position;
        let name = if number == 1 { format!("{position}.tsr") } else { format!("{position}-{number}.tsr") };
        let file = folder.join(name);
        if !fs::read(&file).is_ok_and(|there| there == answer) {
            let mut new = fs::File::create_new(&file).with_context(|| failed(&file))?;
            new.write_all(&answer).with_context(|| failed(&file))?;
        }
        let stamp = stamp::read(&answer).with_context(|| format!("{} is damaged", file.display()))?;
        session.output.print(&format!("link {position}  {}  {}", hex(&stamp.imprint), file.display()))?;
    }
    if last == 0 {
        session.output.note("no answer is kept yet");
    }
    Ok(Status::Done)
}

fn read_bounded(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(file)?.take(LONGEST_ANSWER + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_ANSWER {
        bail!("it has more than {LONGEST_ANSWER} bytes");
    }
    Ok(bytes)
}

/// Reads a link as it is printed.
pub(super) fn parse_link(text: &str) -> Result<[u8; 32], UsageError> {
    let digit = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(digit).collect();
    let link = bytes.and_then(|bytes| bytes.try_into().ok());
    link.ok_or_else(|| UsageError(format!("`{text}` is not a link; a link has 64 hexadecimal digits")))
}
