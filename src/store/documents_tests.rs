//! What documents cost, and what holds when they lean on each other.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;

use super::Store;
use super::compact_tests::{page, source, store};
use super::versions;
use crate::domain::model::{Block, BlockKind, Document, ReleaseId, SnapshotId, Version};
use crate::domain::normalize::content_hash;

/// An article of some 4 KB of which each edition changes a word; the tenth ones are written anew.
fn document(edition: u32) -> Document {
    let word = |seed: u32| format!("{:x}", u64::from(seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text = |n: u32| (0..8).map(|at| word(n * 8 + at + edition / 10 * 1_000)).collect::<Vec<_>>().join(" ");
    let block = |n: u32| Block { kind: BlockKind::Paragraph, text: text(n) };
    let mut blocks: Vec<Block> = (0..30).map(block).collect();
    blocks[7].text.push_str(&word(edition + 90_000));
    Document { title: "A parade".to_owned(), blocks, ..Document::default() }
}

fn version(number: u32) -> Version {
    let document = document(number);
    Version {
        release: ReleaseId(1),
        number,
        snapshot: SnapshotId(1),
        extractor: crate::domain::extract::REVISION,
        hash: content_hash(&document),
        recorded_at: page(0, number.into()).fetched_at,
        document,
        technical: false,
    }
}

/// A store with one release and so many versions of it.
async fn filled(path: &Path, editions: u32) -> Store {
    let store = store(path).await;
    store.save_snapshot(&source(), &page(0, 0)).await.unwrap();
    let sql = "INSERT INTO releases (source, url, title, found_by, found_at, announce, state)
        VALUES ('alliance', 'https://alliance.example/news/0', '', 'page', '2026-01-01T00:00:00.000Z', 0, 'present');
        INSERT INTO addresses (identity, source, release, url, current, since)
        VALUES ('alliance.example/news/0', 'alliance', 1, 'https://alliance.example/news/0', 1, '2026-01-01T00:00:00.000Z')";
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
    add(&store, 1..=editions).await;
    store
}

async fn add(store: &Store, numbers: std::ops::RangeInclusive<u32>) {
    let adding = move |transaction: &rusqlite::Transaction<'_>| {
        numbers.map(version).try_for_each(|version| versions::insert(transaction, &version))
    };
    store.write(adding).await.unwrap();
}

/// Writes documents as text, as older stores have them.
fn spell_out(path: &Path, numbers: std::ops::RangeInclusive<u32>) {
    let connection = Connection::open(path).unwrap();
    let stays: String = connection
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'versions_stay'", [], |row| row.get(0))
        .unwrap();
    connection.execute_batch("DROP TRIGGER versions_stay").unwrap();
    for number in numbers {
        let json = serde_json::to_string(&document(number)).unwrap();
        let sql = "UPDATE versions SET document = ?2, base = NULL WHERE number = ?1";
        connection.execute(sql, (number, json)).unwrap();
    }
    connection.execute_batch(&stays).unwrap();
}

async fn assert_sound(store: &Store, editions: u32) {
    for number in (1..=editions).rev() {
        assert_eq!(store.find_version(ReleaseId(1), number).await.unwrap().unwrap(), version(number));
    }
    assert_eq!(store.verify(Arc::new(|_, _| {})).await.unwrap().broken, None);
}

fn size(path: &Path) -> u32 {
    let sql = "SELECT sum(length(document)) FROM versions";
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_edit_costs_bytes_and_a_new_text_stands_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    let store = filled(&path, 30).await;
    assert_sound(&store, 30).await;
    let bases: String = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT group_concat(base || ':' || n, ' ') FROM (SELECT base, count(*) AS n FROM versions GROUP BY base)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(bases, "1:8 10:9 20:9");
    let (mean, whole) = (size(&path) / 30, serde_json::to_string(&document(1)).unwrap().len());
    assert!(usize::try_from(mean).unwrap() < whole / 10, "{mean} of {whole} bytes");
}

#[tokio::test]
async fn documents_of_an_older_store_are_compressed_step_by_step() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    drop(filled(&path, 12).await);
    let small = size(&path);
    spell_out(&path, 1..=12);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.count_unpacked().await.unwrap(), 12);
    // What is recorded meanwhile leans on a document that waits.
    add(&store, 13..=14).await;
    assert_eq!(store.repack_some(5).await.unwrap().bodies, 5);
    assert_sound(&store, 14).await;
    while store.repack_some(5).await.unwrap().bodies > 0 {}
    assert_eq!(store.count_unpacked().await.unwrap(), 0);
    assert_sound(&store, 14).await;
    assert!(size(&path) < small * 2);
}

#[tokio::test]
async fn a_document_can_be_compressed_and_nothing_else_changed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    drop(filled(&path, 2).await);
    spell_out(&path, 2..=2);
    let connection = Connection::open(&path).unwrap();
    for change in
        ["document = '{}' WHERE number = 2", "document = x'00' WHERE number = 1", "document = x'00', technical = 1"]
    {
        let refused = connection.execute_batch(&format!("UPDATE versions SET {change}")).unwrap_err().to_string();
        assert!(refused.contains("versions are never changed"), "{change}: {refused}");
    }
}

#[tokio::test]
async fn damage_in_the_document_below_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("record.db");
    drop(filled(&path, 3).await);
    for damage in [
        "base = NULL WHERE number = 3",
        "base = 2 WHERE number = 3",
        "document = x'00' WHERE number = 1",
        "document = '{}', base = NULL WHERE number = 3",
    ] {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        let sql = format!("DROP TRIGGER versions_stay; UPDATE versions SET {damage}");
        Connection::open(&copy).unwrap().execute_batch(&sql).unwrap();
        let store = Store::open_read(&copy).unwrap();
        let broken = store.verify(Arc::new(|_, _| {})).await.unwrap().broken;
        assert!(broken.is_some(), "{damage}");
    }
}
