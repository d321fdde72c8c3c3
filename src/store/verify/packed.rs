//! Decodes every body once: from the ones that stand alone up to those that lean on them; runs as a whole.

use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::OptionalExtension as _;

use super::super::bodies::{self, Stored};
use super::super::codec;
use super::{Proof, ProofError, Scan, broken};

/// A body that waits for its turn, with the bytes below it.
struct Waiting {
    id: i64,
    depth: u32,
    below: Bytes,
}

/// The bodies that lean on each body, and whether they are pieces of a run; under 0 those that stand alone.
type Above = HashMap<i64, Vec<(i64, bool)>>;

/// Verifies all bodies. In memory are the places of all, and the bytes of one chain.
pub(super) fn prove(scan: &mut Scan<'_>) -> Proof {
    let mut above = list_above(scan)?;
    let total = scan.count("bodies WHERE encoding <> 2")?;
    let mut proved = 0;
    let alone = above.remove(&0).unwrap_or_default();
    for (root, _) in alone {
        let mut waiting = vec![Waiting { id: root, depth: 0, below: Bytes::new() }];
        while let Some(next) = waiting.pop() {
            let rows = find_run(scan, &mut above, next.id)?;
            for (row, body) in prove_run(scan, &next, &rows)? {
                proved += 1;
                scan.step();
                let leaning = above.remove(&row.id).unwrap_or_default().into_iter();
                // The longest way last, so that the bytes below it are soon not needed any more.
                waiting.extend(leaning.map(|(id, _)| Waiting { id, depth: row.depth + 1, below: body.clone() }));
            }
        }
    }
    if proved == total {
        Ok(total)
    } else {
        Err(broken(format!("{} bodies lean on none that can be read", total - proved)))
    }
}

fn list_above(scan: &Scan<'_>) -> Result<Above, ProofError> {
    let sql = "SELECT id, coalesce(base, 0), encoding IN (?1, ?2) FROM bodies WHERE encoding <> ?3 ORDER BY id";
    let mut statement = scan.transaction.prepare(sql)?;
    let mut rows = statement.query([bodies::PIECE, bodies::JOINED, bodies::THINNED])?;
    let mut above = Above::new();
    while let Some(row) = rows.next()? {
        above.entry(row.get(1)?).or_default().push((row.get(0)?, row.get(2)?));
    }
    Ok(above)
}

/// A body; if it is the first piece of a run, with the pieces that follow it, which are not above it any more.
fn find_run(scan: &Scan<'_>, above: &mut Above, id: i64) -> Result<Vec<Stored>, ProofError> {
    let mut rows = vec![find(scan, id)?];
    while let Some(last) = rows.last().filter(|last| last.is_piece() && rows.len() < bodies::RUN as usize) {
        let Some(leaning) = above.get_mut(&last.id) else { break };
        let Some(place) = leaning.iter().position(|(_, is_piece)| *is_piece) else { break };
        let next = find(scan, leaning.swap_remove(place).0)?;
        rows.push(next);
    }
    Ok(rows)
}

fn find(scan: &Scan<'_>, id: i64) -> Result<Stored, ProofError> {
    let mut statement = scan.transaction.prepare_cached("SELECT * FROM bodies WHERE id = ?1")?;
    let row: Option<Stored> = statement.query_row([id], bodies::read).optional()?;
    row.ok_or_else(|| broken(format!("body {id} is missing")))
}

/// The rows with their bytes.
fn prove_run<'r>(
    scan: &Scan<'_>,
    waiting: &Waiting,
    rows: &'r [Stored],
) -> Result<Vec<(&'r Stored, Bytes)>, ProofError> {
    let refused = |row: &Stored, problem: String| -> ProofError {
        describe(scan, row, &problem).map_or_else(|error| error, broken)
    };
    for (depth, row) in (waiting.depth..).zip(rows) {
        if row.depth != depth || row.depth > bodies::MOST_BASES {
            return Err(refused(row, "its bases do not fit together".to_owned()));
        }
    }
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let all: Vec<&Stored> = rows.iter().collect();
    let unpacked = match bodies::unpack(&all, &waiting.below) {
        Ok(unpacked) => unpacked,
        Err(problem) => return Err(refused(find_damaged(&all, &waiting.below).unwrap_or(first), problem)),
    };
    if first.encoding == bodies::JOINED && codec::split(&first.data, 0).is_ok_and(|(count, _)| count != rows.len()) {
        return Err(refused(first, "it has pieces of other bodies".to_owned()));
    }
    for (row, body) in rows.iter().zip(&unpacked) {
        bodies::verify(body, &row.sha256).map_err(|problem| refused(row, problem))?;
    }
    Ok(rows.iter().zip(unpacked).collect())
}

/// The first piece with which a run cannot be read.
fn find_damaged<'r>(rows: &[&'r Stored], below: &[u8]) -> Option<&'r Stored> {
    (1..=rows.len()).find(|count| bodies::unpack(&rows[..*count], below).is_err()).map(|count| rows[count - 1])
}

fn describe(scan: &Scan<'_>, row: &Stored, problem: &str) -> Result<String, ProofError> {
    let mut first = scan.transaction.prepare_cached(
        "SELECT s.id, t.url FROM snapshots s JOIN targets t ON t.id = s.target WHERE s.body = ?1 LIMIT 1",
    )?;
    let snapshot: Option<(i64, String)> = first.query_row([row.id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let of = snapshot.map(|(id, url)| format!(", of snapshot {id} of {url}")).unwrap_or_default();
    Ok(format!("body {} is damaged{of}: {problem}", row.id))
}
