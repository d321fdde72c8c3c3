//! How far an import came, and what it needs to go on as if it had not been stopped. Written with what it found.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::{Store, StoreError, bodies, codec, documents, sources};
use crate::domain::model::{Document, ReleaseId, SourceId, SourceState};
use crate::domain::template::Template;

/// The memory of an import is written with many batches: in a hurry.
const LEVEL: i32 = 3;

/// An import that was begun.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRecord {
    /// What it takes captures from.
    pub archive: [u8; 32],
    /// Names of the addresses that are releases.
    pub chosen: Vec<u8>,
    /// Captures that have had their turn.
    pub done: u32,
    /// The template of the source before the last batch; none where it said the same as that after it.
    pub template: Option<Template>,
    /// What it remembers, as JSON.
    pub memory: Option<String>,
}

/// How far an import has come with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStep {
    /// Captures that have had their turn.
    pub done: u32,
    /// Whether the template says the same as before the batch.
    pub is_steady: bool,
    /// What it remembers, as JSON; `None` leaves that as it is.
    pub memory: Option<String>,
}

impl Store {
    /// The import of a source that was begun last. What is damaged of its memory is forgotten.
    pub async fn find_import(&self, source: &SourceId) -> Result<Option<ImportRecord>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT * FROM imports WHERE source = ?1")?;
            let text = |value: ValueRef<'_>| documents::unpack(value, "").ok();
            let found = statement.query_row([&source.0], |row| {
                Ok(ImportRecord {
                    archive: row.get("archive")?,
                    chosen: row.get("chosen")?,
                    done: row.get("done")?,
                    template: sources::read_template(row.get_ref("template")?),
                    memory: text(row.get_ref("memory")?),
                })
            });
            Ok(found.optional()?)
        })
        .await
    }

    /// Notes that an import begins, with the template that it begins with.
    pub async fn begin_import(
        &self,
        source: &SourceId,
        state: SourceState,
        template: Template,
        (archive, chosen): ([u8; 32], Vec<u8>),
    ) -> Result<(), StoreError> {
        let source = source.clone();
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO imports (source, archive, chosen, done) VALUES (?1, ?2, ?3, 0)",
                )?
                .execute((&source.0, archive, &chosen))?;
            sources::save_state(transaction, &source, &state, Some(&template))
        })
        .await
    }

    /// The documents of versions of a source, by release and number, after that one; those that only our own reading
    /// made are left out.
    pub async fn list_documents_after(
        &self,
        source: &SourceId,
        after: (ReleaseId, u32),
        limit: u32,
    ) -> Result<Vec<(ReleaseId, u32, Document)>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT v.release, v.number, v.base, v.document FROM versions v JOIN releases r ON r.id = v.release
                 WHERE (v.release, v.number) > (?2, ?3) AND r.source = ?1 AND NOT v.technical
                 ORDER BY v.release, v.number LIMIT ?4",
            )?;
            let mut rows = statement.query((&source.0, after.0.0, after.1, limit))?;
            let mut documents = Vec::new();
            while let Some(row) = rows.next()? {
                let document = super::versions::read_document(transaction, row)?;
                documents.push((ReleaseId(row.get("release")?), row.get("number")?, document));
            }
            Ok(documents)
        })
        .await
    }
}

/// Notes how far an import has come; before the template of the source is written.
pub(super) fn save(transaction: &Transaction<'_>, source: &SourceId, step: &ImportStep) -> Result<(), StoreError> {
    let memory = step.memory.as_ref().map(|json| codec::encode(json.as_bytes(), &[], LEVEL)).transpose();
    let memory = memory.map_err(bodies::to_sql_failure)?;
    transaction
        .prepare_cached(
            "UPDATE imports SET done = :done, memory = coalesce(:memory, memory),
                 template = iif(:is_steady, NULL, (SELECT template FROM sources WHERE id = :source))
             WHERE source = :source",
        )?
        .execute(named_params! {
            ":source": source.0,
            ":done": step.done,
            ":is_steady": step.is_steady,
            ":memory": memory,
        })?;
    Ok(())
}
