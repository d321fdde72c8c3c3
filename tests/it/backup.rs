//! `pressdiff backup` while somebody else writes to the store.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pressdiff::cli::demo_site::DemoSite;
use pressdiff::domain::model::SourceId;
use pressdiff::store::Store;
use tokio::task::JoinHandle;
use url::Url;

use crate::run::{Daemon, news};
use crate::support::program::Desk;

/// A desk with three events in its store.
async fn desk() -> (DemoSite, Desk) {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    for step in 0..5 {
        site.set_step(step);
        desk.succeed(&["check"]);
    }
    (site, desk)
}

/// Writes to the store without a pause, each time in a transaction of its own.
fn write_on(store: &Store, written: &Arc<AtomicU64>) -> JoinHandle<()> {
    let (store, written) = (store.clone(), Arc::clone(written));
    tokio::spawn(async move {
        let (source, url) = (SourceId("demo".into()), Url::parse("https://example.org/").unwrap());
        let message = "a long message ".repeat(1000);
        for number in 0.. {
            let at = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(number);
            store.record_failure(&source, &url, at, "test", &message).await.unwrap();
            written.fetch_add(1, Ordering::SeqCst);
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_made_while_another_process_writes_is_whole() {
    let (_site, desk) = desk().await;
    let events = desk.succeed(&["events", "--format", "jsonl"]);
    assert_eq!(events.lines().count(), 3);
    let (store, written) = (Store::open(&desk.path("pressdiff.db")).unwrap(), Arc::default());
    let writer = write_on(&store, &written);
    let copy = desk.path("copy.db");
    let before = written.load(Ordering::SeqCst);
    let ran = desk.run(&["backup", copy.to_str().unwrap()]);
    assert!(written.load(Ordering::SeqCst) > before, "nothing was written meanwhile");
    writer.abort();
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("copy.db: ") && ran.err.contains(", checked"), "{}", ran.err);

    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let beside = fs::read_dir(copy.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let beside: Vec<_> = beside.filter(|name| name.to_string_lossy().starts_with("copy.db")).collect();
    assert_eq!(beside, ["copy.db"], "one file and nothing beside it");
    assert_eq!(Store::open_read(&copy).unwrap().check_integrity().await.unwrap(), [""; 0]);
    let config = fs::read_to_string(desk.path("pressdiff.toml")).unwrap().replace("pressdiff.db", "copy.db");
    let restored = Desk::configured(&config);
    fs::copy(&copy, restored.path("copy.db")).unwrap();
    assert_eq!(restored.succeed(&["events", "--format", "jsonl"]), events);
    restored.succeed(&["check"]);
}

#[test]
fn what_a_backup_left_that_was_killed_is_gone_after_the_next_one() {
    let desk = Desk::configured("[[source]]\nid = \"demo\"\npages = [\"http://127.0.0.1:9/\"]\n");
    drop(Store::open(&desk.path("pressdiff.db")).unwrap());
    let (copy, part) = (desk.path("copy.db"), desk.path("copy.db.part"));
    for left in ["copy.db.part", "copy.db.part-wal", "copy.db.part-shm"] {
        fs::write(desk.path(left), "half of it").unwrap();
    }
    let other = fs::File::open(&part).unwrap();
    other.lock().unwrap();
    let ran = desk.run(&["backup", copy.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("another backup is being written there"), "{ran:?}");
    assert!(part.exists() && !copy.exists(), "it is the other one's");
    drop(other);
    desk.succeed(&["backup", copy.to_str().unwrap()]);
    let beside = fs::read_dir(desk.path("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let beside: Vec<_> = beside.filter(|name| name.starts_with("copy.db")).collect();
    assert_eq!(beside, ["copy.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_beside_a_running_daemon() {
    let (_site, desk) = desk().await;
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("next check");
    let copy = desk.path("copy.db");
    desk.succeed(&["backup", copy.to_str().unwrap()]);
    assert_eq!(daemon.end(), Some(0));
    assert!(copy.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_overwritten_by_mistake() {
    let (_site, desk) = desk().await;
    let refuse = |arguments: &[&str], words: &str| {
        let ran = desk.run(&[&["backup"], arguments].concat());
        assert!(ran.status == 2 && ran.err.contains(words), "{ran:?}");
    };
    let (store, copy) = (desk.path("pressdiff.db"), desk.path("copy.db"));
    let folder = copy.parent().unwrap();
    fs::write(&copy, "something else").unwrap();
    refuse(&[copy.to_str().unwrap()], "is there already; --force replaces it");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "something else");
    refuse(&[store.to_str().unwrap(), "--force"], "is the store itself");
    for (end, words) in
        [("-wal", "of the store"), ("-shm", "of the store"), (".lock", "of the store"), (".control", "of the store")]
    {
        let file = folder.join(format!("pressdiff.db{end}"));
        let before = fs::read(&file).ok();
        refuse(&[file.to_str().unwrap(), "--force"], words);
        assert_eq!(fs::read(&file).ok(), before, "{end}");
    }
    for name in ["pressdiff.toml", "events.jsonl"] {
        let (file, link) = (folder.join(name), folder.join(format!("link-to-{name}")));
        fs::write(folder.join("events.jsonl"), "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        refuse(&[file.to_str().unwrap(), "--force"], "the configuration");
        refuse(&[link.to_str().unwrap(), "--force"], "the configuration");
        fs::remove_file(&link).unwrap();
    }
    let pipe = make_pipe(folder);
    refuse(&[pipe.to_str().unwrap(), "--force"], "not a regular file");
    fs::remove_file(&pipe).unwrap();
    refuse(&[folder.to_str().unwrap()], "is a folder");
    desk.succeed(&["backup", copy.to_str().unwrap(), "--force"]);
    assert!(Store::open_read(&copy).is_ok());
    let nowhere = folder.join("missing").join("copy.db");
    let ran = desk.run(&["backup", nowhere.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("copy.db cannot be used"), "{ran:?}");
}

/// A pipe with a name that nobody reads.
fn make_pipe(folder: &Path) -> PathBuf {
    let pipe = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    pipe
}
