//! Reads the rows of every table as what they are, and looks for what they name.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Row, Transaction};

use super::super::chain::{self, Linked};
use super::super::column::Columns as _;
use super::super::{documents, events, moment, releases, sources, versions};
use super::{Proof, ProofError, Scan, broken, unreadable};
use crate::domain::address::identity;
use crate::domain::extract::REVISION;
use crate::domain::hex::hex;
use crate::domain::message::Notice;
use crate::domain::model::{AlertState, Event, Redirect, ReleaseId, Version};
use crate::domain::normalize::content_hash;
use crate::domain::route::Form;
use crate::domain::stamp;

/// Reads all rows of a query, each as what it is, and looks at each.
fn prove_each<T>(
    scan: &mut Scan<'_>,
    (what, sql): (&str, &str),
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    mut prove: impl FnMut(&Transaction<'_>, T) -> Result<(), ProofError>,
) -> Proof {
    let mut statement = scan.transaction.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        count += 1;
        let name = || {
            format!("{what} {}", row.get::<_, i64>(0).map_or_else(|_| format!("in row {count}"), |id| id.to_string()))
        };
        let value = read(row).map_err(|error| unreadable(&name(), &error))?;
        prove(scan.transaction, value)?;
        scan.step();
    }
    Ok(count)
}

/// Addresses, times and the form of redirects; the chain proves that nothing of it was exchanged.
pub(super) fn prove_snapshots(scan: &mut Scan<'_>) -> Proof {
    let read = |row: &Row<'_>| {
        row.url("url")?;
        row.maybe_url("final_url")?;
        moment::read(row, "fetched_at")?;
        row.maybe_json::<Vec<Redirect>>("redirects").map(drop)
    };
    let sql = "SELECT s.id, t.url, r.final_url, s.fetched_at, r.redirects FROM snapshots s
               LEFT JOIN targets t ON t.id = s.target LEFT JOIN routes r ON r.id = s.route";
    prove_each(scan, ("snapshot", sql), read, |_, ()| Ok(()))
}

/// The hash of every document is derived again. That of another revision may have been made by other rules.
pub(super) fn prove_versions(scan: &mut Scan<'_>) -> Proof {
    let mut before = (ReleaseId(0), 0);
    let sql = "SELECT * FROM versions ORDER BY release, number";
    let transaction = scan.transaction;
    let read = |row: &Row<'_>| versions::read(transaction, row);
    prove_each(scan, ("version of release", sql), read, |_, version: Version| {
        let name = || format!("version {} of release {}", version.number, version.release);
        let expected = if version.release == before.0 { before.1 + 1 } else { 1 };
        if version.number != expected {
            return Err(broken(format!("{} stands where version {expected} should", name())));
        }
        before = (version.release, version.number);
        if version.extractor == REVISION && content_hash(&version.document) != version.hash {
            return Err(broken(format!("{} has another text than it was recorded with", name())));
        }
        Ok(())
    })
}

pub(super) fn prove_events(scan: &mut Scan<'_>) -> Proof {
    prove_each(scan, ("event", "SELECT * FROM events ORDER BY id"), events::read, |transaction, recorded| {
        prove_named(transaction, &recorded.event).map_err(|error| match error {
            ProofError::Broken(missing) => broken(format!("event {} {}", recorded.id, missing.what)),
            other @ ProofError::Store(_) => other,
        })
    })
}

/// The snapshots and versions that an event names are there.
fn prove_named(transaction: &Transaction<'_>, event: &Event) -> Result<(), ProofError> {
    let mut snapshot = transaction.prepare_cached("SELECT 1 FROM snapshots WHERE id = ?1")?;
    for id in &event.evidence {
        if !snapshot.exists([id.0])? {
            return Err(broken(format!("rests on snapshot {id}, which is missing")));
        }
    }
    let Some(release) = event.release else { return Ok(()) };
    let mut version = transaction.prepare_cached("SELECT 1 FROM versions WHERE release = ?1 AND number = ?2")?;
    for number in event.old_version.iter().chain(&event.new_version).filter(|number| **number > 0) {
        if !version.exists((release.0, number))? {
            return Err(broken(format!("names version {number} of release {release}, which is missing")));
        }
    }
    Ok(())
}

/// Messages can be read, and what the outbox names is there.
pub(super) fn prove_outbox(scan: &mut Scan<'_>) -> Proof {
    let read = |row: &Row<'_>| {
        row.word::<Form>("form")?;
        row.word::<AlertState>("state")?;
        row.maybe_json::<Notice>("notice")?;
        row.time("created_at").and(row.time("due_at")).map(drop)
    };
    prove_each(
        scan,
        ("message", "SELECT id, form, state, notice, created_at, due_at FROM messages"),
        read,
        |_, ()| Ok(()),
    )?;
    let sql = "SELECT o.message FROM outbox o JOIN events e ON e.id = o.event JOIN messages m ON m.id = o.message";
    let count = prove_each(scan, ("alert in message", sql), |_| Ok(()), |_, ()| Ok(()))?;
    let all = scan.count("outbox")?;
    if count == all { Ok(count) } else { Err(broken(format!("{} alerts name events that are missing", all - count))) }
}

/// Every release is found under its present address.
pub(super) fn prove_releases(scan: &mut Scan<'_>) -> Proof {
    let sql = format!("{} ORDER BY r.id", releases::SELECT);
    prove_each(scan, ("release", &sql), releases::read, |transaction, release| {
        let sql = "SELECT 1 FROM addresses WHERE identity = ?1 AND source = ?2 AND release = ?3";
        let mut address = transaction.prepare_cached(sql)?;
        if address.exists((identity(&release.url), &release.source.0, release.id.0))? {
            Ok(())
        } else {
            Err(broken(format!("release {} is not known by its address {}", release.id, release.url)))
        }
    })
}

pub(super) fn prove_sources(scan: &mut Scan<'_>) -> Proof {
    let sql = "SELECT s.id, s.name, s.state, NULL AS started_at, NULL AS finished_at, NULL AS summary FROM sources s";
    prove_each(scan, ("source", sql), sources::read, |transaction, source| {
        let mut statement = transaction.prepare_cached("SELECT template FROM sources WHERE id = ?1")?;
        let template = statement.query_row([&source.id.0], |row| match row.get_ref(0)? {
            ValueRef::Null => Ok(String::new()),
            template => documents::unpack(template, ""),
        });
        template.map(drop).map_err(|error| broken(format!("template of source {}: {error}", source.id)))
    })
}

/// A stamped link is still in its place.
pub(super) fn prove_stamps(scan: &mut Scan<'_>) -> Proof {
    let sql = "SELECT s.position, s.link, c.link, s.answer FROM stamps s LEFT JOIN chain c ON c.position = s.position";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    prove_each(scan, ("time stamp of link", sql), read, |_, (position, stamped, link, answer)| {
        let (position, stamped, link, answer): (i64, Vec<u8>, Option<Vec<u8>>, Vec<u8>) =
            (position, stamped, link, answer);
        if link.as_ref() != Some(&stamped) {
            return Err(broken(format!("link {position} is not the one that was time-stamped, {}", hex(&stamped))));
        }
        let stamp = stamp::read(&answer)
            .map_err(|error| broken(format!("the time stamp of link {position} is damaged: {error}")))?;
        if stamp.imprint[..] == stamped {
            return Ok(());
        }
        Err(broken(format!("the time stamp of link {position} is about something else, {}", hex(&stamp.imprint))))
    })
}

/// The rows that were linked last. Rows are linked in the order of their ids, so that rising and counting shows that
/// each is linked once.
#[derive(Default)]
pub(super) struct Latest {
    rows: HashMap<(i64, i64), i64>,
    counts: HashMap<&'static str, u64>,
}

impl Latest {
    pub(super) fn rises(&mut self, linked: Linked) -> Result<(), String> {
        let (kind, row, number) = chain::Linked::columns(linked);
        let (series, place) = number.map_or(((kind, 0), row), |number| ((kind, row), number));
        let last = self.rows.insert(series, place).unwrap_or(0);
        *self.counts.entry(linked.word()).or_default() += 1;
        if last < place { Ok(()) } else { Err(format!("{} is linked twice, or out of order", linked.name())) }
    }

    pub(super) fn are_all(&self, scan: &Scan<'_>) -> Result<(), ProofError> {
        for (kind, table) in [
            ("snapshot", "snapshots"),
            ("attempt", "attempts"),
            ("version", "versions"),
            ("event", "events"),
            ("thinning", "thinnings"),
        ] {
            let (linked, all) = (self.counts.get(kind).copied().unwrap_or_default(), scan.count(table)?);
            if linked != all {
                return Err(broken(format!("{all} {table} are stored, and {linked} are in the chain")));
            }
        }
        Ok(())
    }
}
