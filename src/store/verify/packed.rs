//! Decodes every body once: from the ones that stand alone up to those that lean on them.

use std::collections::HashMap;

use bytes::Bytes;
use rusqlite::OptionalExtension as _;

use super::super::bodies::{self, Stored};
use super::{Fault, Proof, Walk, broken};

/// A body that waits for its turn, with the bytes below it.
struct Waiting {
    id: i64,
    depth: u32,
    below: Bytes,
}

/// Verifies all bodies. In memory are the places of all, and the bytes of one chain.
pub(super) fn prove(walk: &mut Walk<'_>) -> Proof {
    let mut above = list_above(walk)?;
    let total = walk.count("bodies")?;
    let mut proved = 0;
    let alone = above.remove(&0).unwrap_or_default();
    for root in alone {
        let mut waiting = vec![Waiting { id: root, depth: 0, below: Bytes::new() }];
        while let Some(next) = waiting.pop() {
            let body = prove_one(walk, &next)?;
            proved += 1;
            walk.step();
            let leaning = above.remove(&next.id).unwrap_or_default();
            // The longest way last, so that the bytes below it are soon not needed any more.
            waiting.extend(leaning.into_iter().map(|id| Waiting { id, depth: next.depth + 1, below: body.clone() }));
        }
    }
    if proved == total {
        Ok(total)
    } else {
        Err(broken(format!("{} bodies lean on none that can be read", total - proved)))
    }
}

/// The bodies that lean on each body; under 0 those that stand alone.
fn list_above(walk: &Walk<'_>) -> Result<HashMap<i64, Vec<i64>>, Fault> {
    let mut statement = walk.transaction.prepare("SELECT id, coalesce(base, 0) FROM bodies ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut above: HashMap<i64, Vec<i64>> = HashMap::new();
    while let Some(row) = rows.next()? {
        above.entry(row.get(1)?).or_default().push(row.get(0)?);
    }
    Ok(above)
}

fn prove_one(walk: &Walk<'_>, waiting: &Waiting) -> Result<Bytes, Fault> {
    let mut statement = walk.transaction.prepare_cached("SELECT * FROM bodies WHERE id = ?1")?;
    let row: Option<Stored> = statement.query_row([waiting.id], bodies::read).optional()?;
    let row = row.ok_or_else(|| broken(format!("body {} is missing", waiting.id)))?;
    let problem = match bodies::unpack(&row, &waiting.below) {
        _ if row.depth != waiting.depth || row.depth > bodies::MOST_BASES => "its bases do not fit together".to_owned(),
        Ok(body) => match bodies::verify(&body, &row.sha256) {
            Ok(()) => return Ok(body.into()),
            Err(problem) => problem,
        },
        Err(problem) => problem,
    };
    let mut first = walk.transaction.prepare_cached("SELECT id, url FROM snapshots WHERE body = ?1 LIMIT 1")?;
    let snapshot: Option<(i64, String)> = first.query_row([row.id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let of = snapshot.map(|(id, url)| format!(", of snapshot {id} of {url}")).unwrap_or_default();
    Err(broken(format!("body {} is damaged{of}: {problem}", row.id)))
}
