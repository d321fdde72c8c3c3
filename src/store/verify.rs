//! Proves the whole record: the file, the references, every body, every version, event and alert, and every link of the
//! chain. It ends at the first thing that is broken, because what follows from it would only repeat it.

mod packed;
mod rows;
mod schema;
mod thinned;

use std::sync::Arc;

use rusqlite::Transaction;
use rusqlite::types::Type;

use super::chain::{self, Link, Linked};
use super::{Store, StoreError, list_damage, list_dangling};
use crate::domain::hex::hex;

/// Restoring is the only way back to bytes that are lost.
const RESTORE: &str =
    "put a backup in place of the store; what came after it is in the damaged file, which is worth keeping";

/// What was found sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// What was verified, and how much of it.
    pub counts: Vec<(&'static str, u64)>,
    /// The first thing that is broken.
    pub broken: Option<Broken>,
    /// The head of the chain, if all is sound.
    pub head: ChainHead,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, and where.
    pub what: String,
    /// What can be done.
    pub mend: &'static str,
}

/// The last link of the chain, which stands for everything before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainHead {
    /// How many links there are.
    pub links: u64,
    /// The last one, 64 hexadecimal digits.
    pub link: String,
}

/// Hears how many rows of how many have been verified.
pub type VerifyWatcher = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What a part of the record came to: how much of it is sound, or what is broken.
type Proof = Result<u64, ProofError>;

/// Why a proof ends.
enum ProofError {
    Broken(Broken),
    Store(StoreError),
}

impl<E: Into<StoreError>> From<E> for ProofError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

fn broken(what: String) -> ProofError {
    ProofError::Broken(Broken { what, mend: RESTORE })
}

impl Store {
    /// Verifies the record as it stands now, also while another process writes to it.
    pub async fn verify(&self, watcher: VerifyWatcher) -> Result<Verification, StoreError> {
        self.read(move |transaction| Ok(verify(transaction, &watcher))).await
    }

    /// The head of the chain.
    pub async fn find_head(&self) -> Result<ChainHead, StoreError> {
        self.read(|transaction| {
            let (position, link) = chain::head(transaction)?;
            Ok(ChainHead { links: position.unsigned_abs(), link: hex(&link) })
        })
        .await
    }
}

/// The rows that are seen by the watcher, as they are counted.
struct Scan<'a> {
    transaction: &'a Transaction<'a>,
    watcher: &'a VerifyWatcher,
    done: u64,
    total: u64,
}

impl Scan<'_> {
    fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(64) || self.done == self.total {
            (self.watcher)(self.done, self.total);
        }
    }

    fn count(&self, table: &str) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {table}");
        Ok(self.transaction.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}

type Step = (&'static str, fn(&mut Scan<'_>) -> Proof);

const STEPS: [Step; 13] = [
    ("pages of the file", prove_file),
    ("tables with their references", prove_references),
    ("bodies decoded and hashed", packed::prove),
    ("bodies thinned out by rule", thinned::prove),
    ("snapshots", rows::prove_snapshots),
    ("versions, their text hashed", rows::prove_versions),
    ("events with their evidence", rows::prove_events),
    ("alerts", rows::prove_outbox),
    ("releases", rows::prove_releases),
    ("sources", rows::prove_sources),
    ("links of the chain", prove_chain),
    ("time stamps", rows::prove_stamps),
    ("tables, indexes and triggers", schema::prove),
];

fn verify(transaction: &Transaction<'_>, watcher: &VerifyWatcher) -> Verification {
    let mut scan = Scan { transaction, watcher, done: 0, total: 0 };
    let mut verification = Verification::default();
    let tables = ["bodies", "snapshots", "versions", "events", "messages", "outbox", "releases", "chain"];
    scan.total = tables.iter().map(|table| scan.count(table).unwrap_or_default()).sum();
    for (name, prove) in STEPS {
        match prove(&mut scan) {
            Ok(count) => verification.counts.push((name, count)),
            Err(error) => {
                verification.broken = Some(tell(error));
                return verification;
            }
        }
    }
    if let Ok((position, link)) = chain::head(transaction) {
        verification.head = ChainHead { links: position.unsigned_abs(), link: hex(&link) };
    }
    verification
}

fn tell(error: ProofError) -> Broken {
    match error {
        ProofError::Broken(broken) => broken,
        ProofError::Store(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            Broken { what: format!("{error}{cause}"), mend: RESTORE }
        }
    }
}

fn prove_file(scan: &mut Scan<'_>) -> Proof {
    let damage = list_damage(scan.transaction)?;
    let Some(first) = damage.first() else {
        return Ok(scan.transaction.pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0))?.into());
    };
    // An index repeats what the tables hold, so it can be made again.
    let in_index = damage.iter().all(|line| line.contains("index"));
    let mend = if in_index { "run `sqlite3 STORE REINDEX` on a copy, then verify the copy" } else { RESTORE };
    Err(ProofError::Broken(Broken { what: format!("the file is damaged: {first}"), mend }))
}

fn prove_references(scan: &mut Scan<'_>) -> Proof {
    match list_dangling(scan.transaction)?.into_iter().next() {
        Some(dangling) => Err(broken(dangling)),
        None => scan.count("sqlite_schema WHERE type = 'table'").map_err(ProofError::Store),
    }
}

/// Computes every link anew, and counts whether every row that has to be linked is.
fn prove_chain(scan: &mut Scan<'_>) -> Proof {
    let transaction = scan.transaction;
    let mut statement = transaction.prepare("SELECT position, kind, row, number, link FROM chain ORDER BY position")?;
    let mut links = statement.query([])?;
    let (mut position, mut before) = (0_i64, Link::default());
    let mut latest = rows::Latest::default();
    while let Some(row) = links.next()? {
        position += 1;
        let place: i64 = row.get(0)?;
        if place != position {
            return Err(broken(format!("link {position} is missing; the next one is {place}")));
        }
        let linked = Linked::of(row.get(1)?, row.get(2)?, row.get(3)?);
        let linked = linked.ok_or_else(|| broken(format!("link {position} is about nothing that is known")))?;
        let name = linked.name();
        let record = chain::record(transaction, linked)?
            .map_err(|problem| broken(format!("{name}, link {position}: {problem}")))?;
        before = chain::next(&before, &record);
        if row.get::<_, Vec<u8>>(4)? != before {
            let what = format!(
                "link {position} is broken: {name} is not as it was recorded, or a link before it was exchanged"
            );
            return Err(broken(what));
        }
        latest.rises(linked).map_err(broken)?;
        scan.step();
    }
    latest.are_all(scan)?;
    Ok(position.unsigned_abs())
}

/// A value that cannot be read as what its column holds.
fn unreadable(what: &str, error: &rusqlite::Error) -> ProofError {
    let detail = match error {
        rusqlite::Error::FromSqlConversionFailure(_, Type::Text, cause) => cause.to_string(),
        other => other.to_string(),
    };
    broken(format!("{what} cannot be read: {detail}"))
}
