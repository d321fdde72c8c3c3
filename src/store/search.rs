//! The search over the text of all versions. Versions are put into the index after they were recorded, a few at a
//! time, so that recording never waits for it; the same way an older store is caught up with.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rusqlite::{OptionalExtension as _, Transaction};
use url::Url;

use super::column::Columns as _;
use super::{Store, StoreError, versions};
use crate::domain::model::{ReleaseId, ReleaseState, SourceId, Version};
use crate::domain::search::{Query, index_text};

/// Versions that are looked at for one page of finds.
const LOOKED_AT: usize = 400;
/// Texts that have one fence in common, a word that nobody writes. Words in a row are looked for within one fence after
/// the other: the index would read every text that has these words in any order, however few are asked for.
const FENCED: i64 = 1 << 16;
/// Time after which a search goes no further back by itself.
const PATIENCE: Duration = Duration::from_millis(15);

/// Where the words may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchScope {
    /// In the present text, or in one that is no longer there.
    #[default]
    Any,
    /// In the present text.
    Present,
    /// In text that was changed since, or whose release was removed.
    Removed,
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The words.
    pub query: Query,
    /// Where they may stand.
    pub scope: SearchScope,
    /// Only in releases of this source.
    pub source: Option<SourceId>,
    /// Only before this place, where the page before ended.
    pub before: Option<i64>,
}

/// The last version of a run of versions that have the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// The version.
    pub version: Version,
    /// The source of its release.
    pub source: SourceId,
    /// Title of its release now.
    pub title: String,
    /// Address of its release.
    pub url: Url,
    /// The version in which the words are gone, if they are.
    pub gone_in: Option<u32>,
    /// Whether its release is gone from the site, with whatever it said last.
    pub is_removed: bool,
}

/// A page of finds, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finds {
    /// The finds.
    pub finds: Vec<Find>,
    /// Where the next page begins, if there may be one.
    pub next: Option<i64>,
    /// Versions that are not in the index yet, roughly.
    pub waiting: u64,
}

impl Store {
    /// Puts up to `limit` versions into the index; returns how many it were.
    pub async fn index_versions(&self, limit: u32) -> Result<usize, StoreError> {
        let texts = self.read(move |transaction| prepare(transaction, limit)).await?;
        if texts.is_empty() {
            return Ok(0);
        }
        self.write(move |transaction| {
            for text in &texts {
                insert(transaction, text)?;
            }
            Ok(texts.len())
        })
        .await
    }

    /// Up to `limit` finds.
    pub async fn search(&self, search: Search, limit: usize) -> Result<Finds, StoreError> {
        self.read(move |transaction| find(transaction, &search, limit, PATIENCE)).await
    }
}

/// A version on its way into the index.
struct Text {
    place: i64,
    release: i64,
    number: u32,
    words: String,
}

/// Cuts the texts on a reader, so that the writer only has to write them.
fn prepare(transaction: &Transaction<'_>, limit: u32) -> Result<Vec<Text>, StoreError> {
    let mut statement =
        transaction.prepare_cached("SELECT id, release, number FROM search_queue ORDER BY id LIMIT ?1")?;
    let waiting = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let waiting = waiting.collect::<Result<Vec<(i64, i64, u32)>, _>>()?;
    let mut texts = Vec::with_capacity(waiting.len());
    for (place, release, number) in waiting {
        let version = versions::find(transaction, ReleaseId(release), number)?;
        let words = version.map(|version| index_text(&version.document)).unwrap_or_default();
        texts.push(Text { place, release, number, words });
    }
    Ok(texts)
}

fn insert(transaction: &Transaction<'_>, text: &Text) -> Result<(), StoreError> {
    let added = transaction
        .prepare_cached("INSERT INTO search_texts (release, number) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((text.release, text.number))?;
    if added == 1 {
        let row = transaction.last_insert_rowid();
        transaction
            .prepare_cached("INSERT INTO search (rowid, text) VALUES (?1, ?2)")?
            .execute((row, format!("{}{}", text.words, fence(row))))?;
    }
    transaction.prepare_cached("DELETE FROM search_queue WHERE id = ?1")?.execute([text.place])?;
    Ok(())
}

/// The word that a text has in common with its neighbours; of a letter that `words` lets nobody look for.
fn fence(place: i64) -> String {
    format!("\u{E000}{}", place / FENCED)
}

fn find(transaction: &Transaction<'_>, search: &Search, limit: usize, patience: Duration) -> Result<Finds, StoreError> {
    let mut finds = Finds { waiting: count_waiting(transaction)?, ..Finds::default() };
    if search.query.is_empty() {
        return Ok(finds);
    }
    let newest: Option<i64> =
        transaction.prepare_cached("SELECT max(id) FROM search_texts")?.query_row([], |row| row.get(0))?;
    let before = search.before.unwrap_or(i64::MAX).min(newest.unwrap_or_default() + 1);
    let mut scan = Scan { search, words: search.query.to_fts(), before, seen: HashSet::new() };
    let began = Instant::now();
    while scan.goes_on(transaction, &mut finds, limit)? {
        if began.elapsed() >= patience {
            return Ok(finds);
        }
    }
    Ok(finds)
}

/// A scan from the newest version that has the words to older ones.
struct Scan<'s> {
    search: &'s Search,
    words: String,
    /// Only what is before this place.
    before: i64,
    /// The places that have the words, as far as it has come.
    seen: HashSet<i64>,
}

impl Scan<'_> {
    /// Adds what is found in one go; whether there is more to look at, now and not on the next page.
    fn goes_on(&mut self, transaction: &Transaction<'_>, finds: &mut Finds, limit: usize) -> Result<bool, StoreError> {
        let (words, end) = self.within_reach();
        let mut statement = transaction
            .prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC")?;
        let mut rows = statement.query((&words, self.before))?;
        while let Some(row) = rows.next()? {
            if finds.finds.len() == limit || self.seen.len() == LOOKED_AT {
                return Ok(false);
            }
            let place = row.get(0)?;
            finds.next = Some(place);
            finds.finds.extend(self.judge(transaction, place)?);
            self.seen.insert(place);
        }
        self.before = end;
        finds.next = (end > 0).then_some(end);
        Ok(end > 0)
    }

    /// What is looked for in one go, and the place before which it goes on.
    fn within_reach(&self) -> (String, i64) {
        if !self.search.query.has_rows() || self.before <= 0 {
            return (self.words.clone(), 0);
        }
        let last = self.before - 1;
        (format!("{} \"{}\"", self.words, fence(last)), last / FENCED * FENCED)
    }

    /// The find at a place, unless the next version of the same release has the words as well, or it does not fit.
    fn judge(&self, transaction: &Transaction<'_>, place: i64) -> Result<Option<Find>, StoreError> {
        let search = self.search;
        let mut statement = transaction.prepare_cached(
            "SELECT t.release, t.number, r.source, r.title, r.url, r.state, n.id AS next,
                (SELECT max(number) FROM versions WHERE release = t.release) AS latest
         FROM search_texts t JOIN releases r ON r.id = t.release
         LEFT JOIN search_texts n ON n.release = t.release AND n.number = t.number + 1
         WHERE t.id = ?1",
        )?;
        let found = statement.query_row([place], |row| {
            let (release, number): (i64, u32) = (row.get("release")?, row.get("number")?);
            let (next, latest): (Option<i64>, u32) = (row.get("next")?, row.get("latest")?);
            let source = SourceId(row.get("source")?);
            let is_removed = row.word::<ReleaseState>("state")? == ReleaseState::Removed;
            Ok((release, number, next, latest, source, row.get("title")?, row.url("url")?, is_removed))
        });
        let Some((release, number, next, latest, source, title, url, is_removed)) = found.optional()? else {
            return Ok(None);
        };
        if search.source.as_ref().is_some_and(|wanted| *wanted != source) {
            return Ok(None);
        }
        let is_latest = number == latest;
        let is_present = is_latest && !is_removed;
        if !is_latest && !self.is_gone_in(transaction, next)? {
            return Ok(None);
        }
        let fits = match search.scope {
            SearchScope::Any => true,
            SearchScope::Present => is_present,
            SearchScope::Removed => !is_present,
        };
        if !fits {
            return Ok(None);
        }
        let Some(version) = versions::find(transaction, ReleaseId(release), number)? else { return Ok(None) };
        Ok(Some(Find { version, source, title, url, gone_in: (!is_latest).then_some(number + 1), is_removed }))
    }

    /// Where the scan began: it has seen all that have the words from there to where it is.
    fn began_before(&self) -> i64 {
        self.search.before.unwrap_or(i64::MAX)
    }

    /// Whether the version at a place lacks the words; one that is not in the index yet decides nothing.
    fn is_gone_in(&self, transaction: &Transaction<'_>, next: Option<i64>) -> Result<bool, StoreError> {
        match next {
            None => Ok(false),
            Some(next) if next < self.began_before() => Ok(!self.seen.contains(&next)),
            Some(next) => {
                let sql = "SELECT 1 FROM search WHERE search MATCH ?1 AND rowid = ?2";
                let words = format!("{} \"{}\"", self.words, fence(next));
                Ok(!transaction.prepare_cached(sql)?.exists((words, next))?)
            }
        }
    }
}

/// From the first and the last place in the queue: counting would take its time.
fn count_waiting(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let span: Option<i64> = transaction
        .prepare_cached("SELECT (SELECT max(id) FROM search_queue) - (SELECT min(id) FROM search_queue) + 1")?
        .query_row([], |row| row.get(0))?;
    Ok(span.unwrap_or_default().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A store with one text in the search, and in place of 199,999 later ones the last of them.
    async fn store_of_years(folder: &tempfile::TempDir) -> Store {
        let path = folder.path().join("record.db");
        super::super::tests::fill(&path);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.index_versions(10).await.unwrap(), 1);
        let later = store.write(|transaction| {
            let sql = "INSERT INTO search_texts (id, release, number) VALUES (200000, 1, 2)";
            transaction.execute(sql, [])?;
            let words = format!("soldiers 600 {}", fence(200_000));
            Ok(transaction.execute("INSERT INTO search (rowid, text) VALUES (200000, ?1)", [words])?)
        });
        later.await.unwrap();
        store
    }

    async fn pages(store: &Store, words: &'static str, patience: Duration) -> VecDeque<usize> {
        let (mut found, mut before) = (VecDeque::new(), None);
        loop {
            let search = Search { query: Query::parse(words), before, ..Search::default() };
            let page = store.read(move |transaction| find(transaction, &search, 10, patience)).await.unwrap();
            found.push_back(page.finds.len());
            match page.next {
                Some(next) => before = Some(next),
                None => return found,
            }
        }
    }

    #[tokio::test]
    async fn words_in_a_row_are_looked_for_in_parts_and_all_parts_are_reached() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = store_of_years(&folder).await;
        let long = Duration::from_hours(1);
        assert_eq!(pages(&store, "\"600 soldiers\"", long).await, [1]);
        assert_eq!(pages(&store, "\"600 soldiers\"", Duration::ZERO).await, [0, 0, 0, 1]);
        assert_eq!(pages(&store, "600 soldiers", Duration::ZERO).await, [1]);
        assert_eq!(pages(&store, "\"soldiers 600 elsewhere\"", long).await, [0]);
    }
}
