//! What bodies cost, and what holds when they lean on each other.

use std::path::Path;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use tempfile::TempDir;
use url::Url;

use super::{Store, StoreError, bodies};
use crate::domain::model::{Fetched, SnapshotId, SourceId};

pub(super) fn source() -> SourceId {
    SourceId("alliance".to_owned())
}

/// A page of some 20 KB with text, a template that all share, and a token that is new every time.
pub(super) fn page(address: u64, edition: u64) -> Fetched {
    let line = |seed: u64| {
        let number = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("<li class=\"item\"><a href=\"/{number:x}/\">{:x}</a></li>\n", number.rotate_left(23) ^ seed)
    };
    let template: String = (0..300).map(line).collect();
    let text: String = (0..60).map(|n| line(1_000_000 + address * 1_000 + n + edition / 20)).collect();
    let token = (edition + 7 * address + 3).wrapping_mul(0x2545_f491_4f6c_dd1d);
    let body = format!("<html><meta name=token content={token:x}>{template}<main>{text}</main></html>");
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let url = Url::parse(&format!("https://alliance.example/news/{address}")).unwrap();
    let fetched_at = start + TimeDelta::hours(i64::try_from(edition).unwrap());
    let headers = [
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("date", fetched_at.to_rfc2822()),
        ("server", "a server with a rather long name, version 17".to_owned()),
        ("strict-transport-security", "max-age=31536000; includeSubDomains".to_owned()),
    ];
    Fetched {
        final_url: url.clone(),
        url,
        redirects: Vec::new(),
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        body: Bytes::from(body),
        fetched_at,
    }
}

pub(super) async fn store(path: &Path) -> Store {
    let store = Store::open(path).unwrap();
    store.sync_sources(vec![(source(), "Alliance".to_owned())]).await.unwrap();
    store
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

async fn assert_reads_back(store: &Store, editions: u64, addresses: u64) {
    let mut id = 0;
    for edition in 0..editions {
        for address in 0..addresses {
            id += 1;
            let snapshot = store.find_snapshot(SnapshotId(id)).await.unwrap().unwrap();
            assert!(*snapshot.fetched == page(address, edition), "snapshot {id}");
        }
    }
}

pub(super) async fn save(store: &Store, editions: u64, addresses: u64) {
    for edition in 0..editions {
        for address in 0..addresses {
            store.save_snapshot(&source(), &page(address, edition)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_token_at_each_fetch_costs_bytes_and_chains_are_short() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    save(&store(&path).await, 120, 2).await;
    // Another process, with nothing in memory, backwards.
    let store = Store::open_read(&path).unwrap();
    for id in (1..=240).rev() {
        assert_eq!(store.find_snapshot(SnapshotId(id)).await.unwrap().unwrap().id, SnapshotId(id));
    }
    assert_reads_back(&store, 120, 2).await;
    let connection = Connection::open(&path).unwrap();
    let deepest = number(&connection, "SELECT max(depth) FROM bodies");
    assert!(deepest <= i64::from(bodies::MOST_BASES) && deepest > 16, "{deepest}");
    assert_eq!(
        number(&connection, "SELECT count(*) FROM bodies WHERE base IS NULL"),
        1,
        "siblings share their template"
    );
    let mean = number(&connection, "SELECT sum(length(data)) / count(*) FROM bodies WHERE base IS NOT NULL");
    assert!(mean < 150, "{mean} bytes for a token and a line now and then");
    let headers = number(&connection, "SELECT sum(length(headers)) / count(*) FROM snapshots");
    assert!(headers < 60, "{headers} bytes for another date");
}

#[tokio::test]
async fn an_answer_that_brings_nothing_new_costs_next_to_nothing() {
    const ANSWERS: u64 = 3_000;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    save(&store(&path).await, 2, 2).await;
    let size = || std::fs::metadata(&path).unwrap().len();
    let mut before = size();
    for status in [200, 304] {
        let writing = store(&path).await;
        for edition in 0..ANSWERS / 2 {
            let answers = (0..2).map(|address| {
                let mut fetched = Fetched { status, ..page(address, 2 + edition) };
                fetched.body = if status == 200 { page(address, 1).body } else { Bytes::new() };
                fetched
            });
            writing.save_captures(&source(), answers.collect()).await.unwrap();
        }
        drop(writing);
        let cost = (size() - before) / ANSWERS;
        assert!(cost < 150, "{status}: {cost} bytes in the file, everything included");
        before = size();
    }
}

#[tokio::test]
async fn one_page_goes_on_for_ever_and_stays_readable() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let editions = 16 * u64::from(bodies::MOST_BASES);
    let writing = store(&path).await;
    for start in (0..editions).step_by(64) {
        let captures = (start..start + 64).map(|edition| page(0, edition)).collect();
        writing.save_captures(&source(), captures).await.unwrap();
    }
    drop(writing);
    let store = Store::open_read(&path).unwrap();
    for id in [1, 17, 500, editions] {
        let snapshot = store.find_snapshot(SnapshotId(i64::try_from(id).unwrap())).await.unwrap().unwrap();
        assert!(*snapshot.fetched == page(0, id - 1), "{id}");
    }
    let connection = Connection::open(&path).unwrap();
    assert_eq!(number(&connection, "SELECT max(depth) FROM bodies"), i64::from(bodies::MOST_BASES));
    assert_eq!(number(&connection, "SELECT count(*) FROM bodies WHERE base IS NULL"), 1);
    assert_eq!(
        number(&connection, "SELECT count(*) FROM bodies WHERE base = 1 AND step = 0 AND id > 2"),
        2,
        "a run, and anew"
    );
}

#[tokio::test]
async fn captures_are_kept_once() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder.path().join("record.db")).await;
    let captures = || vec![page(0, 0), page(0, 1), page(0, 0)];
    let first = store.save_captures(&source(), captures()).await.unwrap();
    assert_eq!(first.iter().map(|saved| saved.was_known).collect::<Vec<_>>(), [false, false, true]);
    let again = store.save_captures(&source(), captures()).await.unwrap();
    assert!(again.iter().all(|saved| saved.was_known));
    assert_eq!(store.list_snapshots(&page(0, 0).url).await.unwrap().len(), 2);
}

/// Turns every body into one that stands alone, as stores were before.
fn unpack(path: &Path, bodies: &[Bytes]) {
    let connection = Connection::open(path).unwrap();
    connection.execute("UPDATE sources SET pattern = NULL", []).unwrap();
    for (id, body) in (1_i64..).zip(bodies) {
        let data = super::codec::encode_alone(body).unwrap();
        let sql = "UPDATE bodies SET data = ?2, base = NULL, depth = 0, step = NULL WHERE id = ?1";
        connection.execute(sql, (id, data)).unwrap();
    }
}

#[tokio::test]
async fn an_older_store_is_repacked_step_by_step() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    save(&store(&path).await, 30, 3).await;
    let all: Vec<Bytes> = (0..30).flat_map(|edition| (0..3).map(move |address| page(address, edition).body)).collect();
    unpack(&path, &all);
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    let before = size(&path);

    let half = Store::open(&path).unwrap();
    assert_eq!(half.count_unpacked().await.unwrap(), 90);
    assert_eq!(half.repack_some(40).await.unwrap().bodies, 40);
    drop(half);
    let store = store(&path).await;
    assert_eq!(store.count_unpacked().await.unwrap(), 50);
    // What is fetched meanwhile leans on a body that waits.
    store.save_snapshot(&source(), &page(2, 30)).await.unwrap();
    while store.repack_some(7).await.unwrap().bodies > 0 {}
    assert_reads_back(&store, 30, 3).await;
    store.shrink(0).await.unwrap();
    drop(store);
    let empty = folder.path().join("empty.db");
    drop(Store::open(&empty).unwrap());
    let (empty, after) = (size(&empty), size(&path));
    assert!((after - empty) * 4 < before - empty, "{after} of {before} bytes, {empty} of them in any store");
    let reading = Store::open_read(&path).unwrap();
    assert_reads_back(&reading, 30, 3).await;
    assert!(*reading.find_snapshot(SnapshotId(91)).await.unwrap().unwrap().fetched == page(2, 30));
}

#[tokio::test]
async fn damage_far_below_is_noticed_and_new_pages_do_not_lean_on_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    save(&store(&path).await, 5, 1).await;
    let connection = Connection::open(&path).unwrap();
    let mut data: Vec<u8> = connection.query_row("SELECT data FROM bodies WHERE id = 1", [], |row| row.get(0)).unwrap();
    let middle = data.len() / 2;
    data[middle] ^= 1;
    connection.execute("UPDATE bodies SET data = ?1 WHERE id = 1", [data]).unwrap();
    drop(connection);
    let store = store(&path).await;
    for id in 1..=5 {
        let refused = store.find_snapshot(SnapshotId(id)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
    }
    let next = store.save_snapshot(&source(), &page(0, 5)).await.unwrap();
    assert!(*store.find_snapshot(next).await.unwrap().unwrap().fetched == page(0, 5));
}

#[tokio::test]
async fn bases_that_lead_nowhere_end_in_words() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    save(&store(&path).await, 4, 1).await;
    for damage in [
        "depth = 2 WHERE id = 4",
        "depth = 4000000000 WHERE id = 4",
        "base = 1 WHERE id = 4",
        "base = NULL WHERE id = 3",
    ] {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        Connection::open(&copy).unwrap().execute_batch(&format!("UPDATE bodies SET {damage}")).unwrap();
        let refused = Store::open_read(&copy).unwrap().find_snapshot(SnapshotId(4)).await.unwrap_err();
        assert!(refused.to_string().contains("damaged"), "{damage}: {refused}");
    }
    // A base is always older: the database refuses a circle.
    let circle = Connection::open(&path).unwrap().execute_batch("UPDATE bodies SET base = 4 WHERE id = 2");
    assert!(circle.is_err());
}
