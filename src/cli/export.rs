//! `pressdiff export`: the record in the forms of others, as a stream of bounded memory.

mod csv;
mod lines;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::events::known_source;
use super::failure::{OutputClosed, Status};
use super::progress::bar;
use super::session::Session;
use super::since::Since;
use super::target::{Target, check_target};
use crate::domain::address::identity;
use crate::domain::counted::counted;
use crate::domain::model::{SnapshotId, SourceId};
use crate::store::Store;
use crate::warc::Writer;

/// Write snapshots, versions, events or the chain to a file for other programs.
///
/// Writes the record, or a part of it: `warc` the snapshots as they came, for pywb, warcio and other archives; `jsonl`
/// releases, snapshots without their bodies, versions with their text, and events; `csv` releases and events; `chain`
/// every link with what it is computed from.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// What to write
    #[arg(long, value_enum)]
    format: ExportFormat,
    /// Only of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only what was recorded from this time on: 2026-11-21, 2026-11-21T10:15:00Z, 2d or 3h
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    since: Option<Since>,
    /// File to write [default: standard output, also `-`]; WARC is compressed unless the name ends in .warc
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    force: bool,
}

/// Forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// WARC 1.1, one response record for each snapshot
    Warc,
    /// One JSON object on each line
    Jsonl,
    /// Comma-separated values (RFC 4180)
    Csv,
    /// The hash chain as JSON Lines
    Chain,
}

/// Which part of the record.
pub(super) struct Part {
    source: Option<SourceId>,
    since: Option<chrono::DateTime<chrono::Utc>>,
}

/// Where the export goes.
type Output = Box<dyn Write + Send>;

/// Rows, and bytes of bodies, that are read at once.
const ROWS_AT_ONCE: u32 = 256;
const BYTES_AT_ONCE: usize = 8 << 20;

impl Export {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let source = match &self.source {
            Some(id) => Some(known_source(&config, &store, id).await?),
            None => None,
        };
        let output = match self.output.as_deref().filter(|path| *path != Path::new("-")) {
            Some(path) => Some((path, check_target(path, self.force, &config)?)),
            None => None,
        };
        let part = Part { source, since: self.since.map(|since| since.before(session.clock.now())) };
        let written = match output {
            Some((path, Target::File)) => self.write_file(path, &store, &part, session).await,
            Some((path, Target::Stream)) => self.write_stream(path, &store, &part, session).await,
            None => self.write(Box::new(io::stdout()), &store, &part, session).await.map(drop),
        };
        match written {
            Err(error) if is_closed(&error) => Err(OutputClosed.into()),
            written => written.map(|()| Status::Done),
        }
    }

    /// The file is there when all of it is on the disk.
    async fn write_file(&self, path: &Path, store: &Store, part: &Part, session: &Session) -> anyhow::Result<()> {
        let failed = || format!("cannot write {}", path.display());
        let (file, unfinished) = Unfinished::create(path).with_context(failed)?;
        let written = async {
            let what = self.write(Box::new(file.try_clone()?), store, part, session).await?;
            unfinished.keep_as(&file, path)?;
            Ok(what)
        };
        let what = written.await.map_err(|error: anyhow::Error| error.context(failed()))?;
        session.output.note(&format!("wrote {}: {what}", path.display()));
        Ok(())
    }

    /// A pipe or a device is written to as it is.
    async fn write_stream(&self, path: &Path, store: &Store, part: &Part, session: &Session) -> anyhow::Result<()> {
        let failed = || format!("cannot write {}", path.display());
        let stream = File::options().write(true).open(path).with_context(failed)?;
        let what = self.write(Box::new(stream), store, part, session).await.with_context(failed)?;
        session.output.note(&format!("wrote {}: {what}", path.display()));
        Ok(())
    }

    /// Returns what was written, in words.
    async fn write(&self, output: Output, store: &Store, part: &Part, session: &Session) -> anyhow::Result<String> {
        let mut output = BufWriter::new(output);
        let written = match self.format {
            ExportFormat::Warc => {
                let is_plain =
                    self.output.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end == "warc"));
                let snapshots = write_warc(Writer::new(output, !is_plain), store, part, session).await?;
                return Ok(counted(snapshots, "snapshot", "snapshots"));
            }
            ExportFormat::Jsonl => {
                let lines = lines::write(&mut output, store, part).await?;
                tell_thinned(store, part, session).await?;
                counted(lines, "line", "lines")
            }
            ExportFormat::Csv => counted(csv::write(&mut output, store, part).await?, "row", "rows"),
            ExportFormat::Chain => counted(lines::write_chain(&mut output, store).await?, "link", "links"),
        };
        output.flush()?;
        Ok(written)
    }
}

/// The file under another name, which goes when it does not become the export.
struct Unfinished(PathBuf);

impl Unfinished {
    /// A name that nobody has: what is there is not ours.
    fn create(path: &Path) -> io::Result<(File, Self)> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let name = PathBuf::from(name);
        let file = File::create_new(&name)?;
        Ok((file, Self(name)))
    }

    fn keep_as(self, file: &File, path: &Path) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.0, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is not there any more when it has become the export.
        drop(fs::remove_file(&self.0));
    }
}

/// Returns how many snapshots there are.
async fn write_warc<W: Write>(
    mut writer: Writer<W>,
    store: &Store,
    part: &Part,
    session: &Session,
) -> anyhow::Result<u64> {
    let bar = bar(&session.output, "exporting", store.count_snapshots().await?);
    writer.write_info(session.clock.now())?;
    let (mut after, mut written) = (SnapshotId(0), 0);
    loop {
        let at_once = (ROWS_AT_ONCE, BYTES_AT_ONCE);
        let snapshots = store.list_snapshots_after(after, part.source.as_ref(), part.since, at_once).await?;
        let Some(last) = snapshots.last() else { break };
        after = last.id;
        for snapshot in &snapshots {
            let source = store.find_owner(snapshot.id, &identity(&snapshot.fetched.url)).await?;
            writer.write_snapshot(snapshot, source.as_ref())?;
        }
        written += snapshots.len() as u64;
        bar.set_position(written);
    }
    bar.finish_and_clear();
    tell_thinned(store, part, session).await?;
    writer.finish()?;
    Ok(written)
}

/// Says what an archive cannot hold.
async fn tell_thinned(store: &Store, part: &Part, session: &Session) -> anyhow::Result<()> {
    let thinned = store.count_thinned(part.source.as_ref()).await?;
    if thinned > 0 {
        session.output.note(&format!(
            "{} left out: thinned out by a keep rule; their bytes are gone",
            counted(thinned, "snapshot", "snapshots")
        ));
    }
    Ok(())
}

fn is_closed(error: &anyhow::Error) -> bool {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kind == Some(io::ErrorKind::BrokenPipe)
}
