//! Tells what a rule thinned out from what is lost: every snapshot without bytes is named by a thinning, whose link the
//! chain proves, and nothing rests on it.

use rusqlite::OptionalExtension as _;

use super::{Proof, Scan, broken};

/// A body without bytes that no rule explains.
const UNEXPLAINED: &str = "SELECT b.id, s.id FROM bodies b LEFT JOIN snapshots s ON s.body = b.id
    WHERE b.encoding = 2 AND (s.id IS NULL OR (s.id, b.length) NOT IN (
        SELECT json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]') FROM thinnings t, json_each(t.snapshots) j))
    LIMIT 1";
/// One that a version or an event rests on.
const MISSED: &str = "SELECT b.id, s.id FROM bodies b JOIN snapshots s ON s.body = b.id
    WHERE b.encoding = 2 AND (EXISTS (SELECT 1 FROM versions WHERE snapshot = s.id)
        OR EXISTS (SELECT 1 FROM evidence WHERE snapshot = s.id)) LIMIT 1";
/// One that is not stored as such bodies are.
const UNTIDY: &str = "SELECT id, NULL FROM bodies
    WHERE encoding = 2 AND (base IS NOT NULL OR depth <> 0 OR length(data) > 0) LIMIT 1";

pub(super) fn prove(scan: &mut Scan<'_>) -> Proof {
    let faults = [
        (UNEXPLAINED, "has no bytes, and no rule thinned it out"),
        (MISSED, "was thinned out although a version or an event rests on it"),
        (UNTIDY, "is not as thinned out bodies are"),
    ];
    for (sql, what) in faults {
        let mut statement = scan.transaction.prepare(sql)?;
        let found: Option<(i64, Option<i64>)> =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if let Some((body, snapshot)) = found {
            let of = snapshot.map(|id| format!(", of snapshot {id},")).unwrap_or_default();
            return Err(broken(format!("body {body}{of} {what}")));
        }
    }
    Ok(scan.count("bodies WHERE encoding = 2")?)
}
