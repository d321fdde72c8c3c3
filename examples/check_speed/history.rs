//! What a check costs when each release has had 1, 100 or 10,000 versions.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use rusqlite::Connection;

use super::desk::Desk;
use super::site::{self, Site};

const RELEASES: usize = 50;
const BYTES: usize = 60_000;
/// Checks of each kind.
const CHECKS: usize = 10;

pub(super) async fn measure() -> anyhow::Result<()> {
    let program = super::program()?;
    println!("{RELEASES} releases of {BYTES} bytes, {CHECKS} checks each: CPU milliseconds a check");
    println!("{:>10} {:>14} {:>14} {:>14} {:>14}", "versions", "304", "equal bytes", "noise", "text of all");
    for versions in [1, 100, 10_000] {
        let site = Arc::new(Site::new(RELEASES, BYTES, false));
        site.validators.store(true, SeqCst);
        let desk = Desk::new(site::serve(Arc::clone(&site)).await?, 3)?;
        desk.run(&program, "check")?;
        age(&desk.store(), versions)?;
        let mut figures = Vec::new();
        for (validators, noise, edits) in
            [(true, false, false), (false, false, false), (false, true, false), (false, false, true)]
        {
            site.validators.store(validators, SeqCst);
            site.noise.store(noise, SeqCst);
            let mut seconds = 0.0;
            for check in 0..=CHECKS {
                site.edition.fetch_add(u64::from(edits), SeqCst);
                let spent = desk.run(&program, "check")?.seconds;
                seconds += if check > 0 { spent } else { 0.0 };
            }
            figures.push(format!("{:>14.1}", seconds * 1_000.0 / CHECKS as f64));
        }
        println!("{versions:>10} {}", figures.join(" "));
    }
    Ok(())
}

/// Gives each release so many versions, and as many snapshots; the last one is what it was. The rows are put in
/// beside the program, without links in the hash chain, which no check reads.
fn age(store: &Path, versions: u32) -> anyhow::Result<()> {
    let mut connection = Connection::open(store)?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO snapshots (target, route, status, headers, headers_base, fetched_at, body)
         SELECT s.target, s.route, s.status, s.headers, s.headers_base, s.fetched_at, s.body
         FROM versions v JOIN snapshots s ON s.id = v.snapshot,
             (WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n)
         WHERE v.number = 1 AND ?1 > 1",
        [versions],
    )?;
    transaction.execute(
        "INSERT INTO versions (release, number, snapshot, extractor, hash, recorded_at, technical, document)
         SELECT v.release, i, v.snapshot, v.extractor,
             CASE WHEN i = ?1 THEN v.hash ELSE substr('00000000' || i, -8) || substr(v.hash, 9) END,
             v.recorded_at, 0,
             CASE WHEN i = ?1 THEN v.document
                 ELSE json_object('title', '', 'date', NULL, 'blocks', json('[]'), 'links', json('[]'),
                     'images', json('[]'), 'contacts', json('[]')) END
         FROM versions v,
             (WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n)
         WHERE v.number = 1 AND ?1 > 1",
        [versions],
    )?;
    transaction.execute("DELETE FROM search_queue", [])?;
    transaction.commit()?;
    Ok(())
}
