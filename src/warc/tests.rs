//! Archives as others write them, as we write them, and as nobody should.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tempfile::TempDir;
use url::Url;

use super::{Head, HttpError, Kind, Record, WarcError, WarcFile, Writer, capture_of, parse_date, payload_of};
use crate::domain::model::{Fetched, Redirect, Snapshot, SnapshotId, SourceId};

fn place(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.warc");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A record with the fields in the order and spelling of wget.
fn record(kind: &str, url: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <{url}>\r\nContent-Type: application/http;msgtype=response\r\n\
         WARC-Date: 2019-03-01T10:00:00Z\r\nContent-Length: {}\r\n\r\n",
        content.len()
    );
    [head.as_bytes(), content, b"\r\n\r\n"].concat()
}

fn walk(bytes: &[u8]) -> Vec<Result<u64, String>> {
    let (_folder, path) = place(bytes);
    let mut file = WarcFile::open(&path).unwrap();
    let mut found = Vec::new();
    while let Some(next) = file.next_record() {
        let is_whole = matches!(next, Err(WarcError::Whole));
        found.push(next.map(|(offset, _)| offset).map_err(|error| error.to_string()));
        if is_whole {
            break;
        }
    }
    found
}

/// The capture in a record whose content is this.
fn capture(content: &[u8]) -> Result<Fetched, HttpError> {
    let head = Head {
        kind: Kind::Response,
        url: Some(Url::parse("https://example.org/a").unwrap()),
        request: None,
        at: Some("2019-03-01T10:00:00Z".parse().unwrap()),
        length: content.len() as u64,
        is_page: true,
        fields: Vec::new(),
    };
    capture_of(&Record { head, content: content.to_vec() })
}

fn snapshot() -> Snapshot {
    let url = |path: &str| Url::parse("https://example.org/").unwrap().join(path).unwrap();
    let headers = [
        ("date", "Fri, 01 Mar 2019 10:00:00 GMT"),
        ("transfer-encoding", "chunked"),
        ("content-length", "7"),
        ("set-cookie", "a=1; b=\"ü\""),
        ("content-encoding", "br"),
        ("x-last", ""),
    ];
    let fetched = Fetched {
        url: url("/old"),
        final_url: url("/new?a=1&b=%20"),
        redirects: vec![Redirect { status: 301, from: url("/old"), to: url("/new?a=1&b=%20") }],
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: Bytes::from_static(b"\x00\xffbytes\r\n\r\nWARC/1.0\r\n as they came"),
        fetched_at: "2019-03-01T10:00:00.125Z".parse().unwrap(),
    };
    Snapshot { id: SnapshotId(17), sha256: String::new(), fetched: Arc::new(fetched) }
}

#[test]
fn what_is_written_is_read_the_same() {
    let (snapshot, plain) = (snapshot(), {
        let mut plain = snapshot();
        let fetched = Arc::make_mut(&mut plain.fetched);
        fetched.final_url = fetched.url.clone();
        fetched.redirects.clear();
        fetched.headers.truncate(1);
        plain
    });
    for is_compressed in [true, false] {
        let mut writer = Writer::new(Vec::new(), is_compressed);
        writer.write_info("2026-11-22T00:00:00Z".parse().unwrap()).unwrap();
        writer.write_snapshot(&snapshot, Some(&SourceId("quay".to_owned()))).unwrap();
        writer.write_snapshot(&plain, None).unwrap();
        let (_folder, path) = place(&writer.finish().unwrap());
        let mut file = WarcFile::open(&path).unwrap();
        let mut kept = Vec::new();
        while let Some(found) = file.next_record() {
            let (offset, head) = found.unwrap();
            if head.kind == Kind::Response {
                let whole = kept.is_empty();
                assert_eq!(head.asked(), Some(if whole { &snapshot.fetched.url } else { &plain.fetched.url }));
                assert_eq!(head.source(), whole.then_some("quay"));
                kept.push(offset);
            }
        }
        let read: Vec<Fetched> =
            kept.iter().rev().map(|offset| capture_of(&file.read_at(*offset).unwrap()).unwrap()).collect();
        assert_eq!(read, [(*plain.fetched).clone(), (*snapshot.fetched).clone()], "compressed: {is_compressed}");
    }
}

#[test]
fn dates_of_any_precision_are_read() {
    let read = |text: &str| parse_date(text).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    for (text, expected) in [
        ("2019-05-01T10:20:30Z", "2019-05-01T10:20:30Z"),
        ("2019-05-01T10:20:30.125Z", "2019-05-01T10:20:30.125Z"),
        ("2019-05-01T12:20:30+02:00", "2019-05-01T10:20:30Z"),
        ("2019-05-01T10:20Z", "2019-05-01T10:20:00Z"),
        ("2019-05-01", "2019-05-01T00:00:00Z"),
        ("2019-05", "2019-05-01T00:00:00Z"),
        ("2019", "2019-01-01T00:00:00Z"),
        ("2019-05-01T10:20:30", "2019-05-01T10:20:30Z"),
        ("20190501102030", "2019-05-01T10:20:30Z"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
    for text in
        ["", "Z", "yesterday", "2019-13", "2019-05-32", "2019-05-01T", "2019-05-01T10Z", "201", "20190501", "2019-ü"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn the_start_of_a_record_says_whether_it_may_be_a_page() {
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Fog</p>";
    let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\nContent-Type: image/png\r\n\r\n", "x".repeat(9000));
    let cases = [
        ("response", html.to_owned(), true),
        ("response", "HTTP/1.1 200 OK\r\n\r\n<p>Fog</p>".to_owned(), true),
        ("response", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n <!DOCTYPE html><p>Fog</p>".to_owned(), true),
        ("response", html.replace("200 OK", "404 Not Found"), false),
        ("response", html.replace("200 OK", "301 Moved"), false),
        ("response", html.replace("text/html", "image/jpeg"), false),
        ("request", html.to_owned(), false),
        ("revisit", String::new(), true),
        // What is not known may be a page.
        ("response", long, true),
    ];
    for (kind, content, expected) in cases {
        for bytes in [
            record(kind, "https://example.org/a", content.as_bytes()),
            gzip(&record(kind, "https://example.org/a", content.as_bytes())),
        ] {
            let (_folder, path) = place(&bytes);
            let mut file = WarcFile::open(&path).unwrap();
            let (offset, head) = file.next_record().unwrap().unwrap();
            assert_eq!(head.is_page, expected, "{kind} {content:.60}");
            assert!(file.next_record().is_none());
            assert_eq!(file.head_at(offset).unwrap(), head);
        }
    }
}

#[test]
fn bodies_are_decoded_as_their_heads_say_or_taken_as_they_are() {
    let page = b"<p>Some 600 soldiers take part.</p>".repeat(20);
    let answer = |head: &str, body: &[u8]| [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), body].concat();
    let chunked = |body: &[u8]| {
        let (one, two) = body.split_at(body.len() / 2);
        let parts = [one, two].map(|part| [format!("{:X};ext=1\r\n", part.len()).as_bytes(), part, b"\r\n"].concat());
        [parts.concat(), b"0\r\n\r\n".to_vec()].concat()
    };
    let brotli = {
        let mut coded = Vec::new();
        brotli::CompressorWriter::new(&mut coded, 4096, 5, 20).write_all(&page).unwrap();
        coded
    };
    let cases = [
        answer("Content-Type: text/html\r\n", &page),
        answer("Transfer-Encoding: chunked\r\n", &chunked(&page)),
        answer("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", &chunked(&gzip(&page))),
        answer("Content-Encoding: br\r\n", &brotli),
        answer("Content-Encoding: zstd\r\n", &zstd::encode_all(&page[..], 3).unwrap()),
        // Decoded by whoever recorded it, who left the head as it was.
        answer("Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", &page),
    ];
    for content in cases {
        let fetched = capture(&content).unwrap();
        assert!(fetched.body[..] == page[..], "{}", String::from_utf8_lossy(&content[..60]));
        assert_eq!(fetched.header("content-encoding"), None);
    }
    assert_eq!(capture(b"220 ready\r\n"), Err(HttpError::Form));
    assert_eq!(capture(b"HTTP/1.1 abc\r\n\r\n"), Err(HttpError::Form));
}

#[test]
fn a_body_that_was_cut_off_is_read_as_far_as_it_goes() {
    let answer = |body: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}").into_bytes();
    let cases = [
        // Within a chunk, after one, and within a size.
        ("6\r\n<p>Six\r\n10\r\n hundred", "<p>Six hundred"),
        ("6\r\n<p>Six\r\n8\r\n hundred\r\n", "<p>Six hundred"),
        ("6\r\n<p>Six\r\n8\r\n hundred\r\n1", "<p>Six hundred"),
        // A text that only looks as if it began with a size.
        ("8\r\n hundred soldiers take part", "8\r\n hundred soldiers take part"),
        ("600\r\n soldiers take part", "600\r\n soldiers take part"),
    ];
    for (body, read) in cases {
        assert_eq!(capture(&answer(body)).unwrap().body, read, "{body:?}");
    }
}

#[test]
fn a_body_that_swells_is_refused() {
    let bomb = gzip(&vec![0; (64 << 20) + 1]);
    assert!(bomb.len() < 1 << 20);
    let content = [&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"[..], &bomb].concat();
    assert_eq!(capture(&content), Err(HttpError::TooLarge));
}

#[test]
fn a_revisit_has_the_body_of_what_it_repeats() {
    let original = snapshot().fetched;
    let head = Head {
        kind: Kind::Revisit,
        url: Some(original.final_url.clone()),
        request: None,
        at: Some("2020-01-01T00:00:00Z".parse().unwrap()),
        length: 0,
        is_page: true,
        fields: Vec::new(),
    };
    let content = b"HTTP/1.1 200 OK\r\nDate: Wed, 01 Jan 2020 00:00:00 GMT\r\n\r\n".to_vec();
    let revisit = payload_of(&Record { head, content }, &original).unwrap();
    assert_eq!((revisit.body, revisit.headers.len()), (original.body.clone(), 1));
}

#[test]
fn what_follows_a_broken_record_is_found_in_archives_of_any_version() {
    for version in ["0.17", "0.18", "1.0", "1.1", "2.0"] {
        let dated = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("WARC/1.0", &format!("WARC/{version}"));
        let broken = dated(b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length WARC/ of words\r\n\r\n");
        let good = dated(&record("response", "https://example.org/a", b"HTTP/1.1 200 OK\r\n\r\nText"));
        let found = walk(format!("{good}{broken}{good}{good}").as_bytes());
        let offsets: Vec<u64> = found.iter().filter_map(|found| found.as_ref().ok()).copied().collect();
        let last = (good.len() + broken.len()) as u64;
        assert_eq!(offsets, [0, last, last + good.len() as u64], "{version}: {found:?}");
    }
}

#[test]
fn broken_records_are_named_and_passed_over() {
    let good = record("response", "https://example.org/a", b"HTTP/1.1 200 OK\r\n\r\nhello");
    let headless = b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n\r\n".to_vec();
    let found = walk(&[good.clone(), headless.clone(), good.clone()].concat());
    let (one, two) = (good.len() as u64, (good.len() + headless.len()) as u64);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!((&found[0], &found[2]), (&Ok(0), &Ok(two)));
    assert!(found[1].as_ref().unwrap_err().contains(&format!("at byte {one} is broken: it has no length")));

    let mut damaged = gzip(&good);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let found = walk(&[gzip(&good), damaged, gzip(&good)].concat());
    assert!(found.first().unwrap().is_ok() && found.last().unwrap().is_ok(), "{found:?}");
    assert!(found[1..found.len() - 1].iter().all(Result::is_err));

    let cut = &good[..good.len() - 10];
    assert!(walk(cut)[0].as_ref().unwrap_err().contains("ends within it"));
    assert_eq!(walk(b""), []);
    assert!(walk(b"Dear editor,\r\n")[0].is_err());
}

#[test]
fn a_file_compressed_as_a_whole_is_named() {
    let good = record("response", "https://example.org/a", b"HTTP/1.1 200 OK\r\n\r\nhello");
    let found = walk(&gzip(&good.repeat(3)));
    assert!(found[0].as_ref().unwrap_err().contains("recompress"), "{found:?}");
}

#[test]
fn a_member_that_swells_costs_no_memory() {
    let head = "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 300000000\r\n\r\n";
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(head.as_bytes()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), 300_000_000), &mut member).unwrap();
    let (_folder, path) = place(&member.finish().unwrap());
    let refused = WarcFile::open(&path).unwrap().read_at(0).unwrap_err();
    assert!(refused.to_string().contains("300000000 bytes long"), "{refused}");
}

#[test]
fn lengths_that_nothing_holds_cost_no_more_than_the_file() {
    let bytes = b"WARC/1.0\r\nWARC-Type: x\r\nContent-Length: 1000000000\r\n\r\n".repeat(400);
    let (_folder, path) = place(&bytes);
    let mut file = WarcFile::open(&path).unwrap();
    for _ in 0..400 {
        let broken = file.next_record().unwrap().unwrap_err();
        assert!(broken.to_string().contains("the file ends within it"), "{broken}");
    }
    assert!(file.next_record().is_none());
    assert!(file.wasted() <= bytes.len() as u64, "{} bytes read of {}", file.wasted(), bytes.len());
}

#[test]
fn a_file_of_broken_members_is_given_up() {
    let head = b"WARC/1.0\r\nWARC-Type: x\r\nContent-Length: 1000000000\r\n\r\n";
    let bytes = gzip(&[&head[..], &vec![0; 8 << 20]].concat()).repeat(40);
    let (_folder, path) = place(&bytes);
    let mut file = WarcFile::open(&path).unwrap();
    let found: Vec<_> = std::iter::from_fn(|| file.next_record()).map(Result::unwrap_err).collect();
    assert!((8..40).contains(&found.len()), "{}", found.len());
    assert!(matches!(found.last().unwrap(), WarcError::Hopeless { .. }));
    assert!(file.wasted() <= (80 << 20) + 32 * bytes.len() as u64);
}

proptest! {
    #[test]
    fn any_file_ends(mut bytes: Vec<u8>, start in 0_usize..4) {
        let starts: [&[u8]; 4] = [b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 5\r\n\r\n"];
        bytes.splice(..0, starts[start].iter().copied());
        prop_assert!(walk(&bytes).len() <= bytes.len());
    }

    #[test]
    fn any_answer_ends(bytes: Vec<u8>) {
        let content = [b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip, br\r\n", &bytes[..]].concat();
        let _ = capture(&content);
    }
}
