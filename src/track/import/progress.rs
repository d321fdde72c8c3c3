//! An import that was stopped goes on as if it had not been: how far it came, and what it remembers, is written with
//! each batch; the rest is found in the record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::learning::Known;
use super::{Importer, TrackError};
use crate::domain::model::{Document, Fetched, Reason, ReleaseId};
use crate::store::{EventFilter, ImportStep};

/// Versions whose lines are remembered, and those of them that are read at once.
const MOST_RECALLED: usize = 20_000;
const RECALLED_AT_ONCE: u32 = 200;

/// What an archive is, and what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Names of the addresses that are releases, as they were given when it began.
    pub chosen: Vec<u8>,
    /// Captures that have had their turn.
    pub done: u32,
}

/// Pages that showed something else than their release, in the form in which they are stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    strangers: Vec<(i64, Document)>,
}

impl Importer {
    /// Goes on with an archive, if it is the one that was begun last.
    pub async fn resume(&mut self, archive: [u8; 32]) -> Result<Option<Begun>, TrackError> {
        let record = self.store.find_import(&self.source.id).await?.filter(|record| record.archive == archive);
        self.recall_lines().await?;
        let Some(record) = record else { return Ok(None) };
        if record.done > 0 {
            self.known = Arc::new(Known::since(&self.template, record.template.as_ref()));
        }
        if let Some(stored) = record.memory.and_then(|text| serde_json::from_str::<Stored>(&text).ok()) {
            let strangers = stored.strangers.into_iter();
            self.memory.set_strangers(strangers.map(|(release, document)| (ReleaseId(release), document)));
        }
        self.resumed_at = record.done;
        Ok(Some(Begun { chosen: record.chosen, done: record.done }))
    }

    /// Begins with an archive: learns what its pages have in common from some of them.
    pub async fn begin(&mut self, archive: [u8; 32], chosen: Vec<u8>, samples: &[Fetched]) -> Result<(), TrackError> {
        self.learn(samples);
        let (template, state) = (self.template.clone(), self.state.clone());
        self.store.begin_import(&self.source.id, state, template, (archive, chosen)).await?;
        Ok(())
    }

    /// Which release has which lines.
    async fn recall_lines(&mut self) -> Result<(), TrackError> {
        let (mut after, mut count) = ((ReleaseId(0), 0), 0);
        while count < MOST_RECALLED {
            let documents = self.store.list_documents_after(&self.source.id, after, RECALLED_AT_ONCE).await?;
            let Some((release, number, _)) = documents.last() else { break };
            after = (*release, *number);
            count += documents.len();
            documents.iter().for_each(|(release, _, document)| self.memory.keep_lines(*release, document));
        }
        Ok(())
    }

    /// How far the import has come with these captures.
    pub(super) fn step(&mut self, done: u32) -> ImportStep {
        let strangers = self.memory.take_new_strangers();
        let memory = strangers.and_then(|strangers| {
            let strangers = strangers.map(|(release, document)| (release.0, document.clone())).collect();
            serde_json::to_string(&Stored { strangers }).ok()
        });
        ImportStep { done, is_steady: self.known.is_steady, memory }
    }

    /// How often a return to an old text was told of a release.
    pub(super) async fn returns_of(&mut self, release: ReleaseId) -> Result<u32, TrackError> {
        if let Some(returns) = self.returns.get(&release) {
            return Ok(*returns);
        }
        let filter = EventFilter { release: Some(release), ..EventFilter::default() };
        let events = self.store.list_events(filter).await?;
        let count = events.iter().filter(|recorded| recorded.event.reasons.contains(&Reason::Reverted)).count();
        let returns = u32::try_from(count).unwrap_or(u32::MAX);
        self.returns.insert(release, returns);
        Ok(returns)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;

    use bytes::Bytes;
    use chrono::{DateTime, TimeDelta, Utc};
    use url::Url;

    use super::*;
    use crate::config::Config;
    use crate::domain::address::identity;
    use crate::domain::model::{EventKind, Source};
    use crate::store::Store;
    use crate::track::import::Archive;

    const RELEASES: u64 = 9;
    const ROUNDS: u64 = 16;
    const AT_ONCE: usize = 12;
    const ARCHIVE: [u8; 32] = [7; 32];

    fn source() -> Source {
        let text = "[[source]]\nid = \"quay\"\nlistings = [\"https://quay.example/news/\"]\n\
                    confirm_removal = { checks = 2, after = \"1h\" }\n";
        Config::parse(text, Path::new("pressdiff.toml")).unwrap().sources.remove(0)
    }

    /// Looks ahead as the archive of an import does.
    struct All(Vec<Fetched>);

    impl Archive for All {
        fn later(&mut self, url: &Url, after: DateTime<Utc>, most: usize) -> Vec<Fetched> {
            let is_later = |later: &&Fetched| identity(&later.url) == identity(url) && later.fetched_at > after;
            self.0.iter().filter(is_later).take(most).cloned().collect()
        }
    }

    /// A number that looks like chance, below a bound.
    fn chance(release: u64, round: u64, salt: u64, below: u64) -> u64 {
        let mixed = (release * 7_919 + round * 104_729 + salt * 1_299_709 + 17).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 33) % below
    }

    /// A page with stories that rotate, edits that are taken back, and a notice now and then.
    fn body(release: u64, round: u64) -> String {
        if chance(release, round, 1, 11) == 0 {
            return "<h1>Maintenance</h1><p>We are carrying out maintenance on our site and will be back soon, thank \
                    you very much for your patience.</p></body>"
                .to_owned();
        }
        // Each text stays for two rounds; two of the four are the same.
        let ships = 40 + release + 3 * (chance(release, round / 2, 2, 4) % 3);
        let stories = (0..3).map(|place| {
            let number = chance(release, round, 10 + place, RELEASES);
            format!("<li><a href=\"/news/{number}/\">The story of quay number {number} and of its ships</a></li>")
        });
        let stories = stories.collect::<Vec<_>>().concat();
        let more = if chance(release, round / 4, 3, 3) == 0 {
            "<p>The master of the port will tell more about it on Thursday, after the council has met.</p>"
        } else {
            ""
        };
        format!(
            "<title>Quay {release}</title><nav><a href=\"/\">Start</a><a href=\"/news/\">News of the port</a></nav><main>\
             <h1>The story of quay number {release}</h1><p>The quay number {release} counted {ships} ships in the \
             morning, and the pilots went home early because of the fog.</p>{more}<p>Nobody was hurt at the quay of \
             {release}, and it will open again tomorrow.</p></main><aside><h2>Read also</h2><ul>{stories}</ul>\
             <p>{} visitors</p></aside></body>",
            chance(release, round, 4, 9_000)
        )
    }

    fn captures() -> Vec<Fetched> {
        let all = (0..ROUNDS).flat_map(|round| (0..RELEASES).map(move |release| (round, release)));
        let made = all.map(|(round, release)| {
            let url = Url::parse(&format!("https://quay.example/news/{release}/")).unwrap();
            let is_gone = chance(release, round / 3, 5, 9) == 0 && round > 2;
            Fetched {
                final_url: url.clone(),
                url,
                redirects: Vec::new(),
                status: if is_gone { 404 } else { 200 },
                headers: vec![("content-type".to_owned(), "text/html".to_owned())],
                body: Bytes::from(if is_gone { "gone".to_owned() } else { body(release, round) }),
                fetched_at: DateTime::UNIX_EPOCH
                    + TimeDelta::days(i64::try_from(round * 20).unwrap())
                    + TimeDelta::minutes(i64::try_from(release).unwrap()),
            }
        });
        made.collect()
    }

    async fn open(path: &Path, all: &[Fetched]) -> Importer {
        let store = Store::open(path).unwrap();
        store.sync_sources(vec![(source().id, "Quay".to_owned())]).await.unwrap();
        let archive = Arc::new(Mutex::new(All(all.to_vec())));
        Importer::new(store, source(), archive).await.unwrap()
    }

    /// Takes captures in, up to a batch; what comes after that is only kept, as when the process dies there.
    async fn import(path: &Path, all: &[Fetched], batches: usize) {
        let mut importer = open(path, all).await;
        if importer.resume(ARCHIVE).await.unwrap().is_none() {
            let samples: Vec<Fetched> = all[all.len() - 6..].to_vec();
            importer.begin(ARCHIVE, vec![1], &samples).await.unwrap();
        }
        let mut done = 0;
        for (number, batch) in all.chunks(AT_ONCE).enumerate() {
            if number == batches {
                importer.store.save_captures(&importer.source.id, batch.to_vec()).await.unwrap();
                return;
            }
            done += u32::try_from(batch.len()).unwrap();
            importer.take(batch.to_vec(), done).await.unwrap();
        }
    }

    /// What the record tells of the releases.
    async fn told(path: &Path) -> (Vec<String>, Vec<String>) {
        let store = Store::open(path).unwrap();
        let events = store.list_events(EventFilter::default()).await.unwrap().into_iter();
        let events = events.map(|recorded| {
            let event = recorded.event;
            format!("{} {:?} {:?} {:?} {}", event.at, event.kind, event.release, event.reasons, event.summary)
        });
        let mut versions = Vec::new();
        for release in store.list_releases(&source().id).await.unwrap() {
            for version in store.list_versions(release.id).await.unwrap() {
                versions.push(format!("{} {} {} {}", release.url, version.number, version.recorded_at, version.hash.0));
            }
        }
        (events.collect(), versions)
    }

    #[tokio::test]
    async fn an_import_that_is_cut_after_any_batch_gives_the_same_record() {
        let (folder, all) = (tempfile::TempDir::new().unwrap(), captures());
        let path = |name: usize| -> PathBuf { folder.path().join(format!("{name}.db")) };
        let batches = all.len() / AT_ONCE;
        import(&path(batches), &all, batches).await;
        let whole = told(&path(batches)).await;
        for kind in [EventKind::Edited, EventKind::Removed, EventKind::Restored] {
            assert!(whole.0.iter().any(|event| event.contains(&format!("{kind:?}"))), "{kind:?} {:#?}", whole.0);
        }
        assert!(whole.0.iter().any(|event| event.contains("Reverted")), "{:#?}", whole.0);
        for cut in 0..batches {
            import(&path(cut), &all, cut).await;
            import(&path(cut), &all, batches).await;
            assert_eq!(told(&path(cut)).await, whole, "cut after {cut} batches");
        }
        import(&path(batches), &all, batches).await;
        assert_eq!(told(&path(batches)).await, whole, "taken in twice");
    }

    #[tokio::test]
    async fn two_captures_of_one_moment_may_be_in_two_batches() {
        let all = captures();
        let mut same = all[0].clone();
        same.url = Url::parse("http://quay.example/news/0/").unwrap();
        let text = String::from_utf8(same.body.to_vec()).unwrap();
        same.body = Bytes::from(text.replace("will open again tomorrow", "will stay closed for a year"));
        let first = Fetched { fetched_at: all[0].fetched_at - TimeDelta::days(1), ..all[0].clone() };
        let last = Fetched { fetched_at: all[0].fetched_at + TimeDelta::days(1), ..same.clone() };
        let all = [first, all[0].clone(), same, last];
        let folder = tempfile::TempDir::new().unwrap();
        for cut in 1..=all.len() {
            let path = folder.path().join(format!("{cut}.db"));
            let mut importer = open(&path, &all).await;
            importer.take(all[..cut].to_vec(), 1).await.unwrap();
            importer.take(all[cut..].to_vec(), 2).await.unwrap();
            drop(importer);
            let (events, versions) = told(&path).await;
            assert_eq!((events.len(), versions.len()), (1, 2), "cut after {cut}: {events:?}");
        }
    }
}
