//! What others make of the same pages.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use pressdiff::domain::model::Fetched;

/// Nodes of the page, as html5ever has them.
pub(crate) fn parse(body: &[u8]) -> usize {
    let text = std::str::from_utf8(body).unwrap();
    scraper::Html::parse_document(text).tree.nodes().count()
}

/// Bytes of a body alone at the level that archives take.
pub(crate) fn zstd_19(body: &[u8]) -> usize {
    zstd::bulk::compress(body, 19).unwrap().len()
}

/// Bytes of the pack of the same history, a commit for each version of each page; none where git is not installed.
/// What `fast-import` packs in haste is packed anew (`-f`), as `git gc` would pack it had it come one by one.
pub(crate) fn git(folder: &Path, total: u64, page: impl Fn(u64) -> Fetched) -> Option<u64> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    std::fs::create_dir(folder).unwrap();
    git(&["init", "--bare", "--quiet"]).status().ok().filter(std::process::ExitStatus::success)?;
    let mut import = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stream = BufWriter::new(import.stdin.take().unwrap());
    for n in 0..total {
        let fetched = page(n);
        let (at, path, length) =
            (fetched.fetched_at.timestamp(), fetched.url.path().trim_matches('/'), fetched.body.len());
        let head =
            format!("commit refs/heads/main\ncommitter a <a@example.org> {at} +0000\ndata 1\nx\nM 644 inline {path}\n");
        writeln!(stream, "{head}data {length}").unwrap();
        stream.write_all(&fetched.body).unwrap();
        stream.write_all(b"\n").unwrap();
    }
    drop(stream);
    assert!(import.wait().unwrap().success());
    assert!(git(&["repack", "-a", "-d", "-f", "--quiet"]).status().unwrap().success());
    let packs = std::fs::read_dir(folder.join("objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    Some(
        packs
            .filter(|path| path.extension().is_some_and(|end| end == "pack"))
            .map(|path| path.metadata().unwrap().len())
            .sum(),
    )
}
