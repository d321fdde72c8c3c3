//! Alerts as JSON Lines, appended to a file or written to standard output. The format of a line is
//! `domain::jsonl`'s; when and how often a line is written is decided in `notify`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::NotifyError;
use crate::domain::jsonl::{event_line, notice_line};
use crate::domain::message::{Content, Message};
use crate::domain::model::RecordedEvent;

/// Appends events to a file, or writes them to standard output.
#[derive(Clone, Debug)]
pub struct LogNotifier {
    path: Option<PathBuf>,
}

impl LogNotifier {
    /// A log in this file, made when it is first needed; on standard output when absent.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path }
    }

    /// Writes a line for each event of a message, or one for a notice, and returns when they are on the disk.
    pub async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        let line = lines(message);
        let path = self.path.clone();
        let written = spawn_blocking(move || write_line(path.as_deref(), &line)).await;
        written.map_err(io::Error::other).flatten().map_err(|source| NotifyError::Log { log: self.name(), source })
    }

    fn name(&self) -> String {
        self.path.as_deref().map_or_else(|| "standard output".to_owned(), |path| path.display().to_string())
    }
}

/// Events in the order in which they happened, whatever message they come in. A notice has no `id`, so that no reader
/// of events takes it for one.
fn lines(message: &Message) -> String {
    let mut events: Vec<&RecordedEvent> = match &message.content {
        Content::Event(told) => told.events.iter().collect(),
        Content::Summary { told, .. } => told.iter().flat_map(|told| &told.events).collect(),
        Content::Notice(notice) => return notice_line(notice, message.created_at) + "\n",
    };
    events.sort_by_key(|event| event.id);
    events.into_iter().map(|event| event_line(event) + "\n").collect()
}

fn write_line(path: Option<&Path>, line: &str) -> io::Result<()> {
    if let Some(path) = path {
        return append(path, line);
    }
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes())?;
    output.flush()
}

/// The file is opened for every line, so that a log that was rotated or removed in between is begun anew.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if is_pipe(path) {
        let problem = "it is a pipe, which keeps no line that nobody reads; leave path out to write to standard output";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if !file.metadata()?.is_file() {
        return file.write_all(line.as_bytes());
    }
    let whole_line = if ends_inside_a_line(&mut file)? { format!("\n{line}") } else { line.to_owned() };
    file.write_all(whole_line.as_bytes())?;
    file.sync_data()
}

/// Asked before it is opened, which whoever waits to read from it would notice.
fn is_pipe(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.file_type().is_fifo())
}

/// A full disk or a power cut leaves a torn line, and the next one must not be glued to it.
fn ends_inside_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::notify::tests::message;

    fn read(path: &Path) -> Vec<i64> {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.ends_with('\n'), "{text:?}");
        let number = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["id"].as_i64();
        text.lines().map(|line| number(line).unwrap_or(-1)).collect()
    }

    #[tokio::test]
    async fn events_are_appended_in_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        for id in 1..=3 {
            // Each notifier is a process of its own, so to say.
            LogNotifier::new(Some(path.clone())).send(&message(id)).await.unwrap();
        }
        assert_eq!(read(&path), [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_log_survives_its_rotation_and_its_removal() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("events.jsonl"), folder.path().join("events.jsonl.1"));
        let log = LogNotifier::new(Some(path.clone()));
        log.send(&message(1)).await.unwrap();
        fs::rename(&path, &old).unwrap();
        log.send(&message(2)).await.unwrap();
        assert_eq!((read(&old), read(&path)), (vec![1], vec![2]));
        fs::remove_file(&path).unwrap();
        log.send(&message(3)).await.unwrap();
        assert_eq!(read(&path), [3]);
    }

    /// As logrotate's `copytruncate` does it.
    #[tokio::test]
    async fn a_log_that_is_emptied_begins_at_its_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let log = LogNotifier::new(Some(path.clone()));
        log.send(&message(1)).await.unwrap();
        File::create(&path).unwrap();
        log.send(&message(2)).await.unwrap();
        assert_eq!(read(&path), [2]);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_an_error_that_may_pass() {
        let error = LogNotifier::new(Some("/dev/full".into())).send(&message(1)).await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("/dev/full"), "{error}");
    }

    #[tokio::test]
    async fn a_pipe_keeps_nothing_and_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let error = LogNotifier::new(Some(path.clone())).send(&message(1)).await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("it is a pipe"), "{error}");
        fs::remove_file(&path).unwrap();
        LogNotifier::new(Some(path.clone())).send(&message(1)).await.unwrap();
        assert_eq!(read(&path), [1]);
    }

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        fs::write(&path, "{\"id\":1}\n{\"id\":2,\"at\":\"20").unwrap();
        LogNotifier::new(Some(path.clone())).send(&message(3)).await.unwrap();
        assert_eq!(read(&path), [1, -1, 3]);
    }

    #[tokio::test]
    async fn a_log_that_cannot_be_written_is_an_error_that_names_it_and_may_pass() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("events.jsonl");
        let error = LogNotifier::new(Some(path.clone())).send(&message(1)).await.unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert!(error.is_transient());
    }
}
