//! A sound record passes; a single bit that flips is found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::{Store, Verification};
use crate::domain::model::{Fetched, SnapshotId, SourceId};
use crate::domain::normalize::content_hash;
use crate::domain::template::Template;

const FILLED: &str = include_str!("../../tests/fixtures/migrations/0001.sql");
const INITIAL: &str = include_str!("../../migrations/sqlite/0001_initial.sql");

/// What a link or a hash stands for. `step` and `headers_base` only steer how rows are packed: another one that gives
/// the same bytes says the same.
const SEALED: [(&str, &str); 8] = [
    ("bodies", "id, sha256, length, encoding, base, depth, data"),
    ("targets", "id, source, url"),
    ("routes", "id, final_url, redirects"),
    ("snapshots", "id, target, route, status, headers, fetched_at, body"),
    ("attempts", "id, source, url, at, kind, message"),
    ("versions", "release, number, snapshot, extractor, hash, recorded_at, technical, document"),
    (
        "events",
        "id, at, kind, source, release, url, old_url, title, fields, significance, reasons, summary, old_version, \
                new_version, explanation, evidence",
    ),
    ("chain", "position, kind, row, number, link"),
];

/// A record of a store as the first version left it, with more pages of today.
async fn record() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(INITIAL).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection.execute_batch(&sound(FILLED)).unwrap();
    drop(connection);
    let store = Store::open(&path).unwrap();
    let snapshot = store.find_snapshot(SnapshotId(1)).await.unwrap().unwrap();
    let mut fetched = Fetched::clone(&snapshot.fetched);
    for day in 0..4 {
        let text = format!("{}<p>{day}</p>", "<li>An exercise with some 600 soldiers.</li>".repeat(60));
        fetched.body = text.into();
        fetched.headers.push(("age".to_owned(), day.to_string()));
        fetched.redirects.clear();
        store.save_snapshot(&SourceId("alliance".to_owned()), &fetched).await.unwrap();
    }
    // Without the pages that the migrations left free.
    store.shrink(u64::MAX).await.unwrap();
    (folder, path)
}

/// The sample rows with the hash that their document really has.
fn sound(sql: &str) -> String {
    let document = sql.lines().find_map(|line| line.trim().strip_prefix("'{\"title\"")).unwrap();
    let document = format!("{{\"title\"{}", document.strip_suffix("');").unwrap());
    let hash = content_hash(&serde_json::from_str(&document).unwrap());
    sql.replace("5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", &hash.0)
}

async fn verify(path: &Path) -> Result<Verification, super::StoreError> {
    Store::open_read(path)?.verify(Arc::new(|_, _| {})).await
}

/// Why the record is not sound.
async fn fault(path: &Path) -> Option<String> {
    match verify(path).await {
        Ok(verification) => verification.broken.map(|broken| broken.what),
        Err(error) => Some(error.to_string()),
    }
}

/// Everything that the record says and that must not change.
fn dump(path: &Path) -> rusqlite::Result<Vec<Vec<Value>>> {
    let connection = Connection::open(path)?;
    let mut all = Vec::new();
    for (table, columns) in SEALED {
        let mut statement = connection.prepare(&format!("SELECT {columns} FROM {table} NOT INDEXED"))?;
        let width = statement.column_count();
        let rows = statement.query_map([], |row| (0..width).map(|at| row.get::<_, Value>(at)).collect())?;
        all.extend(rows.collect::<Result<Vec<Vec<Value>>, _>>()?);
    }
    Ok(all)
}

fn copy(path: &Path, folder: &TempDir) -> PathBuf {
    let copy = folder.path().join("copy.db");
    for old in ["copy.db", "copy.db-wal", "copy.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(old));
    }
    std::fs::copy(path, &copy).unwrap();
    copy
}

fn flip(value: Value, bit: usize) -> Value {
    let flip_in = |mut bytes: Vec<u8>| {
        let at = bit / 8 % bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << (bit % 8);
        }
        bytes
    };
    match value {
        Value::Integer(number) => Value::Integer(number ^ (1 << (bit % 40))),
        Value::Blob(bytes) => Value::Blob(flip_in(bytes)),
        // A bit that leaves the text a text.
        Value::Text(text) if !text.is_empty() => {
            let at = text.char_indices().nth(bit % text.chars().count()).unwrap().0;
            let other = if &text[at..=at] == "a" { "c" } else { "a" };
            let end = at + text[at..].chars().next().unwrap().len_utf8();
            Value::Text(format!("{}{other}{}", &text[..at], &text[end..]))
        }
        Value::Null => Value::Integer(1),
        other => other,
    }
}

#[tokio::test]
async fn a_sound_record_is_told_in_figures() {
    let (_folder, path) = record().await;
    let verification = verify(&path).await.unwrap();
    assert_eq!(verification.broken, None);
    let count = |name: &str| verification.counts.iter().find(|(what, _)| what.starts_with(name)).unwrap().1;
    assert_eq!(
        [count("bodies"), count("snapshots"), count("versions"), count("events"), count("alerts")],
        [5, 5, 1, 2, 3]
    );
    // Five snapshots, a failed attempt, a version, two events.
    assert_eq!((count("links"), verification.head.links), (9, 9));
    assert_eq!(verification.head, Store::open_read(&path).unwrap().find_head().await.unwrap());
}

/// An answer of an authority, made to be about this link; nobody signed that.
fn answer_about(link: &[u8; 32]) -> Vec<u8> {
    let mut answer = include_bytes!("../../tests/fixtures/stamp/answer.tsr").to_vec();
    let at = answer.windows(32).position(|window| window == [7; 32]).unwrap();
    answer[at..at + 32].copy_from_slice(link);
    answer
}

#[tokio::test]
async fn a_time_stamp_that_is_damaged_or_about_something_else_is_found() {
    let (_folder, path) = record().await;
    let store = Store::open(&path).unwrap();
    let links = store.list_links(3, 1).await.unwrap();
    let link: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&links[0].link[at..at + 2], 16).unwrap()).collect();
    let link: [u8; 32] = link.try_into().unwrap();
    store.save_stamp(4, link, chrono::DateTime::UNIX_EPOCH, answer_about(&link)).await.unwrap();
    drop(store);
    assert_eq!(fault(&path).await, None);
    let answer = answer_about(&link);
    for (other, told) in [
        (answer_about(&[7; 32]), "the time stamp of link 4 is about something else, 0707"),
        (answer[..answer.len() - 1].to_vec(), "the time stamp of link 4 is damaged"),
    ] {
        Connection::open(&path).unwrap().execute("UPDATE stamps SET answer = ?1", [other]).unwrap();
        let fault = fault(&path).await.unwrap();
        assert!(fault.starts_with(told), "{fault}");
    }
}

#[tokio::test]
async fn a_flipped_bit_in_any_value_is_found() {
    let (folder, path) = record().await;
    let mut bit = 5;
    for (table, columns) in SEALED {
        for column in columns.split(", ") {
            bit += 7;
            let damaged = copy(&path, &folder);
            let connection = Connection::open(&damaged).unwrap();
            connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            let kind = if table == "chain" { "chain_stays".to_owned() } else { format!("{table}_stay") };
            connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {kind}")).unwrap();
            let row: i64 =
                connection.query_row(&format!("SELECT max(rowid) FROM {table}"), [], |row| row.get(0)).unwrap();
            let sql = format!("SELECT {column} FROM {table} WHERE rowid = ?1");
            let value: Value = connection.query_row(&sql, [row], |row| row.get(0)).unwrap();
            let sql = format!("UPDATE {table} SET {column} = ?2 WHERE rowid = ?1");
            // What the database itself refuses cannot happen in this way.
            let is_changed = connection.execute(&sql, (row, flip(value.clone(), bit))).is_ok();
            drop(connection);
            if is_changed {
                assert!(fault(&damaged).await.is_some(), "{table}.{column}, {value:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_file_is_found_or_changes_nothing() {
    let (folder, path) = record().await;
    let (whole, bytes) = (dump(&path).unwrap(), std::fs::read(&path).unwrap());
    let mut found = 0;
    for n in 0..360_usize {
        let bit = n.wrapping_mul(2_654_435_761) % (bytes.len() * 8);
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let place = copy(&path, &folder);
        std::fs::write(&place, damaged).unwrap();
        if fault(&place).await.is_some() {
            found += 1;
        } else {
            assert!(dump(&place).unwrap() == whole, "bit {bit}");
        }
    }
    assert!(found > 10, "{found}");
}

#[tokio::test]
async fn a_row_taken_out_or_put_in_is_found() {
    let (folder, path) = record().await;
    let damages = [
        (
            "DROP TRIGGER events_remain; DELETE FROM events WHERE id = 2; DELETE FROM outbox WHERE event = 2;
              DELETE FROM inbox WHERE event = 2",
            "event 2",
        ),
        (
            "INSERT INTO attempts (source, url, at, kind, message) SELECT source, url, at, kind, message FROM attempts",
            "2 attempts are stored",
        ),
        ("DROP TRIGGER chain_remains; DELETE FROM chain WHERE position = 9", "5 snapshots are stored"),
        ("DROP TRIGGER chain_remains; DELETE FROM chain WHERE position = 4", "link 4 is missing"),
        ("DROP TRIGGER chain_stays; UPDATE chain SET link = randomblob(32) WHERE position = 4", "link 4 is broken"),
        ("DELETE FROM addresses WHERE current = 1", "not known by its address"),
        ("UPDATE messages SET due_at = 'soon' WHERE id = 2", "cannot be read"),
        (
            "UPDATE bodies SET data = substr(data, 2) WHERE id = 1",
            "snapshot 1 of https://alliance.example/news/exercise",
        ),
    ];
    for (damage, words) in damages {
        let damaged = copy(&path, &folder);
        let connection = Connection::open(&damaged).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}")).unwrap();
        drop(connection);
        let fault = fault(&damaged).await.unwrap();
        assert!(fault.contains(words), "{damage}: {fault}");
    }
}

#[tokio::test]
async fn an_older_store_is_linked_once_and_goes_on() {
    let (_folder, path) = record().await;
    let before = Store::open_read(&path).unwrap().find_head().await.unwrap();
    assert_eq!(Store::open(&path).unwrap().find_head().await.unwrap(), before);
    let connection = Connection::open(&path).unwrap();
    let backlog: i64 = connection.query_row("SELECT count(*) FROM chain_backlog", [], |row| row.get(0)).unwrap();
    assert_eq!(backlog, 0);
}

#[tokio::test]
async fn a_damaged_template_is_told_and_learned_again() {
    let (_folder, path) = record().await;
    Connection::open(&path).unwrap().execute("UPDATE sources SET template = X'00'", []).unwrap();
    let fault = fault(&path).await.unwrap();
    assert!(fault.starts_with("template of source alliance"), "{fault}");
    assert_eq!(
        Store::open(&path).unwrap().find_template(&SourceId("alliance".to_owned())).await.unwrap(),
        Template::default()
    );
}

#[tokio::test]
async fn a_letter_changed_in_a_trigger_and_a_wrong_count_are_found() {
    let (_folder, path) = record().await;
    let verify = async || Store::open_read(&path).unwrap().verify(Arc::new(|_, _| {})).await.unwrap().broken;
    assert_eq!(verify().await, None);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE inbox_counts SET count = count + 1", []).unwrap();
    assert!(verify().await.unwrap().what.contains("inbox_counts"));
    connection.execute("UPDATE inbox_counts SET count = count - 1", []).unwrap();
    let exchange = |from: &str, to: &str| {
        connection.pragma_update(None, "writable_schema", true).unwrap();
        let sql = "UPDATE sqlite_schema SET sql = replace(sql, ?1, ?2) WHERE name = 'inbox_grows'";
        assert_eq!(connection.execute(sql, (from, to)).unwrap(), 1);
        connection.execute_batch("PRAGMA writable_schema = RESET").unwrap();
    };
    exchange("inbox_counts", "mnbox_counts");
    assert!(verify().await.unwrap().what.contains("trigger inbox_grows"));
    exchange("mnbox_counts", "inbox_counts");
    assert_eq!(verify().await, None);
}
