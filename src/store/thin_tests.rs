//! Packed runs and `keep` rules: what is read, what is gone, and what a single bit does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tempfile::TempDir;

use super::compact_tests::{page, save, source, store};
use super::{NewRelease, Store, StoreError};
use crate::domain::address::identity;
use crate::domain::model::{Discovery, Fetched, Keep, SnapshotId};

const EDITIONS: u64 = 40;

fn id(edition: u64) -> SnapshotId {
    SnapshotId(i64::try_from(edition + 1).unwrap())
}

/// Two and a half runs of one page, an hour between any two; packed.
async fn packed() -> (TempDir, PathBuf, Store) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let store = store(&path).await;
    save(&store, EDITIONS, 1).await;
    assert_eq!(store.count_unpacked().await.unwrap(), 32);
    while store.repack_some(8).await.unwrap().bodies > 0 {}
    (folder, path, store)
}

async fn thin(store: &Store, now: &str) -> u64 {
    let (now, mut bodies): (DateTime<Utc>, u64) = (now.parse().unwrap(), 0);
    while let Some(thinned) = store.thin_some(&source(), Keep { days: 30 }, now).await.unwrap() {
        bodies += thinned.bodies;
    }
    bodies
}

async fn fault(path: &Path) -> Option<String> {
    let verified = match Store::open_read(path) {
        Ok(store) => store.verify(Arc::new(|_, _| {})).await,
        Err(error) => Err(error),
    };
    verified.map_or_else(|error| Some(error.to_string()), |done| done.broken.map(|broken| broken.what))
}

fn number(path: &Path, sql: &str) -> i64 {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn packed_runs_are_smaller_and_read_back_in_any_order() {
    let (folder, path, store) = packed().await;
    assert_eq!(number(&path, "SELECT count(*) FROM bodies WHERE encoding = 3"), 30);
    let plain = folder.path().join("plain.db");
    save(&super::compact_tests::store(&plain).await, EDITIONS, 1).await;
    let deltas = "SELECT sum(length(data)) FROM bodies WHERE id BETWEEN 2 AND 16";
    assert!(number(&path, deltas) < number(&plain, deltas));
    // What comes next leans on pieces as on any other body.
    store.save_snapshot(&source(), &page(0, EDITIONS)).await.unwrap();
    drop(store);
    assert_eq!(fault(&path).await, None);
    for edition in (0..=EDITIONS).rev().chain(0..=EDITIONS).chain([15, 3, 31, 16]) {
        let cold = Store::open_read(&path).unwrap();
        let snapshot = cold.find_snapshot(id(edition)).await.unwrap().unwrap();
        assert!(*snapshot.fetched == page(0, edition), "{edition}");
    }
    let warm = Store::open_read(&path).unwrap();
    for edition in [5, 6, 4, 0, 20, 19, 21, 40, 6] {
        assert!(*warm.find_snapshot(id(edition)).await.unwrap().unwrap().fetched == page(0, edition), "{edition}");
    }
}

#[tokio::test]
async fn a_damaged_piece_is_named_and_stays_for_whoever_looks() {
    let (_folder, path, store) = packed().await;
    drop(store);
    let connection = Connection::open(&path).unwrap();
    let mut data: Vec<u8> = connection.query_row("SELECT data FROM bodies WHERE id = 2", [], |row| row.get(0)).unwrap();
    for at in 0..data.len() {
        data[at] ^= 4;
        connection.execute("UPDATE bodies SET data = ?1 WHERE id = 2", [&data]).unwrap();
        let fault = fault(&path).await;
        assert!(fault.is_some_and(|fault| fault.contains("damaged")), "byte {at}");
        data[at] ^= 4;
    }
    *data.last_mut().unwrap() ^= 1;
    connection.execute("UPDATE bodies SET data = ?1 WHERE id = 2", [&data]).unwrap();
    let store = Store::open_read(&path).unwrap();
    assert!(store.find_snapshot(id(7)).await.is_ok());
    assert!(matches!(store.find_snapshot(id(15)).await.unwrap_err(), StoreError::Corrupt { .. }));
}

#[tokio::test]
async fn thinning_leaves_what_something_rests_on_and_says_so() {
    let (_folder, path, store) = packed().await;
    // Something rests on the fifth one.
    let connection = Connection::open(&path).unwrap();
    connection.execute("INSERT INTO evidence (snapshot) VALUES (5)", []).unwrap();
    assert_eq!(thin(&store, "2026-01-20T00:00:00Z").await, 0, "too young");
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 29, "two runs without their first ones and the fifth");
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 0);
    drop(store);
    assert_eq!(fault(&path).await, None);
    assert_eq!(number(&path, "SELECT count(*) FROM thinnings"), 2);
    let store = Store::open_read(&path).unwrap();
    assert_eq!(store.count_thinned(Some(&source())).await.unwrap(), 29);
    for edition in 0..EDITIONS {
        let found = store.find_snapshot(id(edition)).await;
        if [0, 4, 16].contains(&edition) || edition >= 32 {
            assert!(*found.unwrap().unwrap().fetched == page(0, edition), "{edition}");
        } else {
            let words = found.unwrap_err().to_string();
            assert!(words.contains("thinned out by the keep rule"), "{words}");
        }
    }
    let given = store.list_snapshots_after(SnapshotId(0), None, None, (100, usize::MAX)).await.unwrap();
    assert_eq!(given.len(), 11);
}

#[tokio::test]
async fn a_thinned_page_that_comes_again_has_its_bytes_back() {
    let (_folder, path, store) = packed().await;
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 30);
    let again = store.save_snapshot(&source(), &page(0, 3)).await.unwrap();
    assert!(store.find_snapshot(again).await.unwrap().unwrap().fetched.body == page(0, 3).body);
    assert!(*store.find_snapshot(id(3)).await.unwrap().unwrap().fetched == page(0, 3));
    while store.repack_some(8).await.unwrap().bodies > 0 {}
    store.save_snapshot(&source(), &page(0, EDITIONS)).await.unwrap();
    drop(store);
    assert_eq!(fault(&path).await, None);
}

/// An import that came so far: its captures are kept, and the release is judged up to one of them, or not at all.
async fn interrupted(folder: &TempDir, judged: Option<u64>) -> Store {
    let path = folder.path().join("record.db");
    let store = store(&path).await;
    let captures: Vec<Fetched> = (0..EDITIONS).map(|edition| page(0, edition)).collect();
    let release = NewRelease {
        url: captures[0].url.clone(),
        identity: identity(&captures[0].url),
        title: String::new(),
        day: None,
        found_by: Discovery::Page,
        found_at: captures[0].fetched_at,
        announce: false,
    };
    store.add_releases(&source(), vec![release]).await.unwrap();
    store.save_captures(&source(), captures).await.unwrap();
    if let Some(judged) = judged {
        let seen_at = page(0, judged).fetched_at.to_rfc3339();
        Connection::open(&path).unwrap().execute("UPDATE releases SET seen_at = ?1", [seen_at]).unwrap();
    }
    store
}

#[tokio::test]
async fn what_is_not_judged_is_not_thinned() {
    for (judged, bodies) in [(None, 0), (Some(20), 19), (Some(EDITIONS), 30)] {
        let folder = TempDir::new().unwrap();
        let store = interrupted(&folder, judged).await;
        while store.repack_some(8).await.unwrap().bodies > 0 {}
        assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, bodies, "judged until {judged:?}");
        assert!(store.find_snapshot_left(id(21)).await.unwrap().is_none() == (judged == Some(EDITIONS)));
        drop(store);
        assert_eq!(fault(&folder.path().join("record.db")).await, None);
    }
}

#[tokio::test]
async fn a_thinned_capture_that_is_taken_in_again_has_its_bytes_back() {
    let (_folder, path, store) = packed().await;
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 30);
    assert!(store.find_snapshot_left(id(3)).await.unwrap().is_none());
    let saved = store.save_captures(&source(), vec![page(0, 3)]).await.unwrap();
    assert!(saved[0].was_known && saved[0].id == id(3));
    assert!(*store.find_snapshot(id(3)).await.unwrap().unwrap().fetched == page(0, 3));
    assert_eq!(store.count_thinned(None).await.unwrap(), 29);
    drop(store);
    assert_eq!(fault(&path).await, None);
}

#[tokio::test]
async fn what_an_archive_told_does_not_wait_for_runs_that_are_younger() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let store = store(&path).await;
    for hour in 0..17 {
        store.save_snapshot(&source(), &page(1, 60 * 24 + hour)).await.unwrap();
    }
    let captures = (0..EDITIONS).map(|edition| page(0, edition)).collect();
    store.save_captures(&source(), captures).await.unwrap();
    assert_eq!(thin(&store, "2026-03-10T00:00:00Z").await, 30, "only what is of January");
    assert_eq!(thin(&store, "2026-03-10T00:00:00Z").await, 0);
    assert_eq!(thin(&store, "2026-05-01T00:00:00Z").await, 15, "and then that of March");
    assert_eq!(thin(&store, "2026-05-01T00:00:00Z").await, 0);
    drop(store);
    assert_eq!(fault(&path).await, None);
}

#[tokio::test]
async fn a_loss_cannot_be_called_a_rule() {
    let (folder, path, store) = packed().await;
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 30);
    drop(store);
    let damages = [
        ("UPDATE bodies SET encoding = 2, data = x'', base = NULL, depth = 0 WHERE id = 40", "no rule"),
        ("UPDATE bodies SET length = length + 1 WHERE id = 8", "no rule"),
        ("UPDATE bodies SET depth = 4 WHERE id = 8", "not as thinned out"),
        ("UPDATE bodies SET data = x'00' WHERE id = 8", "not as thinned out"),
        ("UPDATE bodies SET encoding = 4 WHERE id = 8", "damaged"),
        ("UPDATE bodies SET sha256 = randomblob(32) WHERE id = 8", "snapshot 8 is not as it was recorded"),
        ("INSERT INTO evidence (snapshot) VALUES (8)", "although a version or an event rests on it"),
        ("INSERT INTO thinnings SELECT 3, at, source, keep, snapshots FROM thinnings WHERE id = 1", "3 thinnings"),
        ("DROP TRIGGER thinnings_stay; UPDATE thinnings SET at = '2026-03-02T00:00:00.000Z'", "thinning 1 is not"),
        ("DROP TRIGGER thinnings_stay; UPDATE thinnings SET snapshots = '[]'", "no rule"),
        ("DROP TRIGGER thinnings_remain; DELETE FROM thinnings WHERE id = 2", "no rule"),
    ];
    for (damage, words) in damages {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        Connection::open(&copy).unwrap().execute_batch(damage).unwrap();
        let fault = fault(&copy).await.unwrap_or_default();
        assert!(fault.contains(words), "{damage}: {fault}");
    }
}

#[tokio::test]
async fn a_long_run_is_thinned_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let store = store(&path).await;
    let long = |edition: u64| {
        let mut fetched = page(0, edition);
        let line = |n: u64| format!("<p>{:x}</p>", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        fetched.body = Bytes::from([&fetched.body[..], (0..40_000).map(line).collect::<String>().as_bytes()].concat());
        fetched
    };
    for edition in 0..18 {
        store.save_snapshot(&source(), &long(edition)).await.unwrap();
    }
    let connection = Connection::open(&path).unwrap();
    for kept in 4..18 {
        connection.execute("INSERT INTO evidence (snapshot) VALUES (?1)", [kept]).unwrap();
    }
    while store.repack_some(8).await.unwrap().bodies > 0 {}
    assert_eq!(thin(&store, "2026-03-01T00:00:00Z").await, 2);
    drop(store);
    assert_eq!(fault(&path).await, None);
    let store = Store::open_read(&path).unwrap();
    assert!(*store.find_snapshot(id(15)).await.unwrap().unwrap().fetched == long(15));
}
