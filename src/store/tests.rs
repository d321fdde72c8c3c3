//! What depends on the database being a SQLite file: damage, foreign and later files, triggers, migrations.

use std::collections::HashSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;
use url::Url;

use super::{EventFilter, Store, StoreError};
use crate::domain::model::{ReleaseState, SnapshotId, SourceId};

const FILLED: &str = include_str!("../../tests/fixtures/migrations/0001.sql");
const INITIAL: &str = include_str!("../../migrations/sqlite/0001_initial.sql");

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    (folder, path)
}

/// A store that the first version of the schema left behind.
pub(super) fn fill(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(INITIAL).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.execute_batch(FILLED).unwrap();
    // What is damaged afterwards is a store of the present version.
    drop(Store::open(path).unwrap());
}

/// The same in its present form.
fn fill_and_upgrade(path: &Path) {
    fill(path);
    drop(Store::open(path).unwrap());
}

/// Does something to the file that the program itself never does.
fn meddle(path: &Path, sql: &str) -> rusqlite::Result<()> {
    Connection::open(path)?.execute_batch(sql)
}

#[test]
fn a_new_store_is_for_its_owner_alone_and_an_old_one_stays_as_it_was() {
    let (_folder, path) = place();
    let mode = |file: &Path| file.metadata().unwrap().permissions().mode() & 0o777;
    let store = Store::open(&path).unwrap();
    assert_eq!([mode(&path), mode(&path.with_extension("db-wal"))], [0o600; 2]);
    drop(store);
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    drop(Store::open(&path).unwrap());
    assert_eq!(mode(&path), 0o640);
}

#[tokio::test]
async fn a_store_of_the_first_version_is_read_in_full() {
    let (_folder, path) = place();
    fill(&path);
    let store = Store::open(&path).unwrap();
    let source = SourceId("alliance".to_owned());
    assert_eq!(store.check_integrity().await.unwrap(), [""; 0]);

    let releases = store.list_releases(&source).await.unwrap();
    assert_eq!(releases[0].latest.as_ref().map(|head| head.number), Some(1));
    assert_eq!((releases[0].state, releases[0].gone.as_ref().unwrap().checks), (ReleaseState::Suspect, 1));
    let found = store.find_release("alliance.example/exercise").await.unwrap();
    assert_eq!(found.as_ref(), Some(&releases[0]));
    let version = store.find_version(releases[0].id, 1).await.unwrap().unwrap();
    assert_eq!(version.document.title, "Exercise in June");
    let snapshot = store.find_snapshot(version.snapshot).await.unwrap().unwrap();
    assert_eq!(snapshot.fetched.header("etag"), Some("\"a1\""));
    assert!(snapshot.fetched.body.ends_with(b"</html>"));
    assert_eq!(store.list_events(EventFilter::default()).await.unwrap().len(), 2);
    assert_eq!(store.list_messages(None).await.unwrap().len(), 3);
    assert_eq!(store.list_standings(&source, HashSet::new()).await.unwrap().len(), 1);
    assert_eq!(store.list_sources().await.unwrap()[0].listings[0].entries, 27);
    let looks = releases.iter().map(|release| (release.looks.count, release.looks.changes, release.looks.last_at));
    assert_eq!(looks.collect::<Vec<_>>(), [(0, 0, releases[0].seen_at), (0, 0, None)]);
    assert_eq!(
        store.find_failure(&Url::parse("https://alliance.example/news/exercise").unwrap()).await.unwrap().unwrap().kind,
        "timeout"
    );
}

#[test]
fn snapshots_versions_and_events_are_append_only() {
    let (_folder, path) = place();
    fill_and_upgrade(&path);
    let connection = Connection::open(&path).unwrap();
    for (table, word) in [
        ("snapshots", "snapshots"),
        ("versions", "versions"),
        ("events", "events"),
        ("attempts", "attempts"),
        ("chain", "links"),
    ] {
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET rowid = rowid")] {
            let refused = connection.execute_batch(&sql).unwrap_err().to_string();
            assert!(refused.contains(&format!("{word} are never")), "{sql}: {refused}");
        }
    }
}

#[test]
fn a_store_of_a_later_version_is_left_alone() {
    let (_folder, path) = place();
    fill(&path);
    meddle(&path, "PRAGMA user_version = 99").unwrap();
    let before = std::fs::read(&path).unwrap();
    for refused in [Store::open(&path), Store::open_read(&path)] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 99, .. }), "{refused:?}");
        assert!(refused.to_string().contains("99"), "{refused}");
    }
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn a_file_of_another_kind_is_left_alone() {
    let (_folder, path) = place();
    let text = "Dear editor, ".repeat(500);
    std::fs::write(&path, &text).unwrap();
    for refused in [Store::open(&path), Store::open_read(&path)] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, StoreError::NotAStore(_)), "{refused:?}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    std::fs::remove_file(&path).unwrap();
    meddle(&path, "CREATE TABLE recipes (name TEXT)").unwrap();
    let refused = Store::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::NotAStore(_)), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_body_is_noticed_and_its_snapshot_named() {
    let damages = [
        ("UPDATE bodies SET data = substr(data, 1, length(data) - 6)", "Src size"),
        ("UPDATE bodies SET length = length - 1", "129 bytes"),
        ("UPDATE bodies SET encoding = 9", "encoding 9"),
        ("UPDATE bodies SET depth = 3", "do not fit"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM bodies", "missing"),
    ];
    for (damage, words) in damages {
        let (_folder, path) = place();
        fill_and_upgrade(&path);
        meddle(&path, damage).unwrap();
        let refused = Store::open(&path).unwrap().find_snapshot(SnapshotId(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { snapshot: SnapshotId(1), .. }), "{refused:?}");
        assert!(refused.to_string().contains(words), "{damage}: {refused}");
    }
}

#[tokio::test]
async fn a_body_exchanged_for_another_sound_one_is_noticed() {
    let (_folder, path) = place();
    fill_and_upgrade(&path);
    let other = [b'x'; 130];
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE bodies SET data = ?1", [super::codec::encode_alone(&other[..]).unwrap()]).unwrap();
    drop(connection);
    let refused = Store::open(&path).unwrap().find_snapshot(SnapshotId(1)).await.unwrap_err();
    assert!(refused.to_string().contains("SHA-256"), "{refused}");
}

#[tokio::test]
async fn equal_bodies_are_kept_once() {
    let (_folder, path) = place();
    fill(&path);
    let store = Store::open(&path).unwrap();
    let first = store.find_snapshot(SnapshotId(1)).await.unwrap().unwrap();
    let second = store.save_snapshot(&SourceId("alliance".to_owned()), &first.fetched).await.unwrap();
    assert_eq!(store.find_snapshot(second).await.unwrap().unwrap().fetched, first.fetched);
    drop(store);
    let connection = Connection::open(&path).unwrap();
    let kept: i64 = connection.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn references_to_missing_rows_are_reported() {
    let (_folder, path) = place();
    fill_and_upgrade(&path);
    meddle(&path, "PRAGMA foreign_keys = OFF; DELETE FROM bodies").unwrap();
    let problems = Store::open(&path).unwrap().check_integrity().await.unwrap();
    assert_eq!(problems, ["row 1 of snapshots names a missing row of bodies"]);
}

#[tokio::test]
async fn a_busy_database_and_a_full_disk_are_passing_troubles() {
    let (_folder, path) = place();
    let store = Store::open(&path).unwrap();
    assert!(!store.sync_sources(Vec::new()).await.is_err_and(|error| error.is_transient()));
    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    assert!(StoreError::from(rusqlite::Error::SqliteFailure(busy, None)).is_transient());
    let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    let full = StoreError::from(rusqlite::Error::SqliteFailure(full, None)).at(std::path::Path::new("/srv/a.db"));
    assert!(full.is_transient());
    let words = std::error::Error::source(&full).unwrap().to_string();
    assert!(words.starts_with("/srv/a.db: ") && words.contains("database or disk is full"), "{words}");
    assert!(words.contains("make room"), "{words}");
}

#[test]
fn closing_leaves_one_file_and_the_lock() {
    let (folder, path) = place();
    drop(Store::open(&path).unwrap());
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["record.db", "record.db.lock"]);
}

#[tokio::test]
async fn a_reader_that_comes_after_the_file_has_gone_saves_what_it_held() {
    let (_folder, path) = place();
    let store = Store::open(&path).unwrap();
    let (reads, is_reading) = tokio::sync::oneshot::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let busy = store.clone();
    let first = tokio::spawn(async move {
        let work = move |_: &rusqlite::Transaction<'_>| {
            reads.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        };
        busy.read(work).await
    });
    is_reading.await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let refused = store.list_sources().await.unwrap_err();
    assert!(matches!(&refused, StoreError::Vanished { rescued: Some(rescued), .. } if rescued.exists()), "{refused:?}");
    go_on.send(()).unwrap();
    first.await.unwrap().unwrap();
}
