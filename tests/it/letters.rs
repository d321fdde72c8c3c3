//! The mails themselves, as the bytes that a server received: readable by a MIME parser that is not ours, in threads,
//! within the limits of mail, whatever a title holds.

use std::fs;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderValue, Message as Parsed, MessageParser, MimeHeaders as _};
use pressdiff::config::{DkimConfig, SmtpConfig, Tls};
use pressdiff::domain::diff::diff;
use pressdiff::domain::message::{Content, Message, MessageId, Notice, Occasion, Told};
use pressdiff::domain::model::{
    Addressee, Block, BlockKind, Document, Event, EventId, EventKind, Field, Reason, RecordedEvent, Significance,
    SourceId,
};
use pressdiff::notify::EmailNotifier;
use url::Url;

use crate::support::smtp::{Setup, SmtpServer};

const TITLE: &str = "Joint exercise of the coast guards ends at Vellmar";

fn event(id: i64, kind: EventKind, title: &str) -> RecordedEvent {
    let event = Event {
        at: "2026-05-20T08:00:00Z".parse().unwrap(),
        kind,
        source: SourceId("vellmar".into()),
        url: Url::parse(&format!("https://vellmar.example/news/{id}/")).unwrap(),
        old_url: None,
        title: title.to_owned(),
        fields: vec![Field::Body],
        significance: Significance::Major,
        reasons: Vec::new(),
        summary: String::new(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    };
    RecordedEvent { id: EventId(id), event }
}

fn told(event: RecordedEvent) -> Told {
    let thread = format!("release-{}", event.id);
    Told { events: vec![event], source_name: "Port of Vellmar".into(), change: None, thread }
}

fn document(lines: &[&str]) -> Document {
    let block = |line: &&str| Block { kind: BlockKind::Paragraph, text: (*line).to_owned() };
    Document { title: TITLE.into(), blocks: lines.iter().map(block).collect(), ..Document::default() }
}

fn edited(id: i64, title: &str) -> Told {
    let mut event = event(id, EventKind::Edited, title);
    event.event.reasons = vec![Reason::Number, Reason::SentenceRemoved];
    event.event.summary = "“3,500” became “4,000”, and a sentence is gone".into();
    (event.event.old_version, event.event.new_version) = (Some(1), Some(2));
    let old = document(&[
        "The exercise ended on Friday.",
        "It brought together 3,500 people from six states, more than in any year before. No ship was damaged.",
        "The next exercise is planned for October.",
        "The harbour thanks everybody who took part.",
    ]);
    let mut new = old.clone();
    "It brought together 4,000 people from six states, more than in any year before."
        .clone_into(&mut new.blocks[1].text);
    Told { change: Some(diff(&old, &new)), ..told(event) }
}

fn removed(id: i64) -> Told {
    let mut event = event(id, EventKind::Removed, "Statement on the collision at buoy 14");
    event.event.reasons = vec![Reason::NotFound];
    event.event.summary = "removed: the address answers 404".into();
    event.event.explanation = "the address answers 404, in 2 checks from 07:00 to 08:00".into();
    event.event.old_version = Some(3);
    told(event)
}

fn message(content: Content) -> Message {
    Message {
        id: MessageId(7),
        key: "m7.4f2a".into(),
        addressee: Addressee { alert: "Press desk".into(), recipient: "Ada Ö. <ada@example.org>".into() },
        content,
        created_at: "2026-05-20T08:00:05Z".parse::<DateTime<Utc>>().unwrap(),
        attempts: 1,
    }
}

fn one(told: Told) -> Message {
    message(Content::Event(Box::new(told)))
}

fn digest(told: Vec<Told>) -> Message {
    message(Content::Summary { occasion: Occasion::Digest, told })
}

fn smtp(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".into(),
        port,
        tls: Tls::None,
        login: None,
        from: "pressdiff <alerts@example.org>".into(),
        ca_file: None,
        dkim: None,
    }
}

/// What a server gets of a message.
async fn sent(message: &Message) -> Vec<u8> {
    let server = SmtpServer::start(Setup::default());
    EmailNotifier::new(&smtp(server.port), None).unwrap().send(message).await.unwrap();
    let [received] = server.received().try_into().unwrap();
    assert_eq!((received.from.as_str(), received.to.as_str()), ("alerts@example.org", "ada@example.org"));
    received.bytes
}

/// A mail that is within all limits, read by a parser.
fn read(bytes: &[u8]) -> Parsed<'_> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_ascii());
    for line in text.split_inclusive("\r\n") {
        let line = line.strip_suffix("\r\n").unwrap();
        assert!(line.len() <= 78 && !line.contains(['\r', '\n', '\0']), "{} bytes: {line}", line.len());
    }
    let mail = MessageParser::default().parse(bytes).unwrap();
    let root = mail.root_part().content_type().unwrap();
    assert_eq!((root.ctype(), root.subtype()), ("multipart", Some("alternative")));
    assert_eq!((mail.text_body_count(), mail.html_body_count(), mail.attachment_count()), (1, 1, 0));
    assert_eq!(mail.html_part(0).unwrap().content_type().unwrap().subtype(), Some("html"));
    assert_eq!(mail.text_part(0).unwrap().content_type().unwrap().subtype(), Some("plain"));
    mail
}

fn bodies(mail: &Parsed<'_>) -> (String, String) {
    let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
    (text, mail.body_html(0).unwrap().replace("\r\n", "\n"))
}

fn ids<'a>(value: &'a HeaderValue<'a>) -> Vec<&'a str> {
    match value {
        HeaderValue::Text(id) => vec![id],
        HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn an_edit_is_one_mail_as_it_was_promised() {
    let bytes = sent(&one(edited(17, TITLE))).await;
    let mail = read(&bytes);
    assert_eq!(mail.subject(), Some(&*format!("edited (number, sentence removed): {TITLE} [Port of Vellmar]")));
    assert_eq!(mail.message_id(), Some("m7.4f2a@example.org"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2026-05-20T08:00:05Z");
    assert_eq!(
        (ids(mail.references()), ids(mail.in_reply_to())),
        (vec!["release-17@example.org"], vec!["release-17@example.org"])
    );
    assert_eq!(mail.to().unwrap().first().unwrap().name(), Some("Ada Ö."));
    assert_eq!(mail.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(mail.header_raw("X-Auto-Response-Suppress").unwrap().trim(), "All");
    assert_eq!(mail.header_raw("List-Id").unwrap().trim(), "<press-desk.pressdiff.example.org>");
    let text = std::str::from_utf8(&bytes).unwrap();
    let boundary = mail.root_part().content_type().unwrap().attribute("boundary").unwrap();
    insta::assert_snapshot!("edited", text.replace(boundary, "BOUNDARY").replace('\r', ""));
}

#[tokio::test]
async fn the_plain_text_of_an_edit_can_be_read() {
    let bytes = sent(&one(edited(17, TITLE))).await;
    insta::assert_snapshot!(bodies(&read(&bytes)).0);
}

#[tokio::test]
async fn a_digest_begins_with_what_is_in_it() {
    let mut of_another_source = edited(40, "Ferry timetable of the summer");
    of_another_source.source_name = "Ferries of the Sound".into();
    let mut folded = edited(31, "Storm warning for the weekend");
    folded.events.insert(0, event(30, EventKind::New, "Storm warning for the weekend"));
    let bytes = sent(&digest(vec![edited(17, TITLE), removed(20), folded, of_another_source])).await;
    let mail = read(&bytes);
    assert_eq!(mail.subject(), Some("3 edited, 1 removed, 1 new [Port of Vellmar, Ferries of the Sound]"));
    assert!(ids(mail.references()).is_empty());
    insta::assert_snapshot!(bodies(&mail).0);
}

#[tokio::test]
async fn other_events_say_what_happened_and_where() {
    let mut moved = event(18, EventKind::Moved, TITLE);
    moved.event.old_url = Some(Url::parse("https://vellmar.example/old/18/").unwrap());
    moved.event.summary = "moved from /old/18/".into();
    let mut site = event(19, EventKind::Site, "Port of Vellmar");
    site.event.reasons = vec![Reason::Outage];
    site.event.summary = "the site does not answer".into();
    let mut new = event(21, EventKind::New, "A new pier");
    new.event.summary = "published, dated 20 May 2026".into();
    for (told, subject, says) in [
        (removed(20), "removed: Statement on the collision at buoy 14 [Port of Vellmar]", "in 2 checks from 07:00"),
        (told(moved), &*format!("moved: {TITLE} [Port of Vellmar]"), "https://vellmar.example/old/18/"),
        (told(site), "site (outage): the site does not answer [Port of Vellmar]", "events --source vellmar"),
        (told(new), "new: A new pier [Port of Vellmar]", "Published, dated 20 May 2026."),
    ] {
        let bytes = sent(&one(told)).await;
        let mail = read(&bytes);
        assert_eq!(mail.subject(), Some(subject));
        let (text, html) = bodies(&mail);
        assert!(text.contains(says) && html.contains(says), "{says} in {text}");
    }
}

#[tokio::test]
async fn notices_say_what_they_are() {
    let since = "2026-05-19T08:00:00Z".parse().unwrap();
    let heartbeat = Notice::Heartbeat { releases: 120, sources: 1, events: 3, troubles: vec!["CSTO: outage".into()] };
    let alert = "pager".to_owned();
    let error = "connection refused".to_owned();
    let failing = Notice::ChannelFailing { alert: alert.clone(), since, waiting: 2, error };
    let recovered = Notice::ChannelRecovered { alert, since };
    let mut threads = Vec::new();
    for (notice, subject, says) in [
        (heartbeat, "still watching 120 releases of 1 source, one in trouble", "3 events since"),
        (failing, "failing: the alert “pager” cannot be delivered", "connection refused"),
        (recovered, "recovered: the alert “pager” is delivered again", "19 May 2026, 08:00 UTC"),
        (Notice::Sample, "This is a test of pressdiff", "[-3,500-]{+4,000+}"),
    ] {
        let bytes = sent(&message(Content::Notice(notice))).await;
        let mail = read(&bytes);
        assert_eq!(mail.subject(), Some(subject));
        assert!(bodies(&mail).0.contains(says), "{says} in {}", bodies(&mail).0);
        threads.push(ids(mail.references()).join(" "));
    }
    assert!(threads[1] == threads[2] && threads[1].contains("failing.pager") && threads[0].is_empty());
}

#[tokio::test]
async fn no_title_breaks_a_mail() {
    let long = "Word ".repeat(60);
    let endless = "x".repeat(300);
    let cyrillic = "Совместное учение «Рубеж» завершилось на полигоне ".repeat(6);
    let arabic = "\u{202e}شارك 25 فريقا في البطولة\u{2066} يوم الاثنين";
    let family = "👨‍👩‍👧‍👦".repeat(100);
    for title in [
        "Two\r\nBcc: eve@example.org\r\n\r\nlines",
        "a\0b\u{1b}[2Jc\u{85}d\u{2028}e",
        &long,
        &endless,
        &cyrillic,
        arabic,
        &family,
        "=?utf-8?q?=0ABcc:_eve?=",
        "</title><script>alert(1)</script>",
        "",
        ".\r\n.",
    ] {
        let mut told = edited(17, title);
        told.source_name = title.to_owned();
        let bytes = sent(&one(told)).await;
        let mail = read(&bytes);
        let subject = mail.subject().unwrap();
        assert!(subject.starts_with("edited (number, sentence removed): "), "{subject}");
        assert!(
            subject.chars().count() <= 160 && !subject.contains(pressdiff::domain::render::is_harmful),
            "{subject}"
        );
        assert!(mail.bcc().is_none() && mail.to().unwrap().iter().count() == 1);
        let (text, html) = bodies(&mail);
        assert!(!html.contains("<script"));
        assert!(!text.contains(['\0', '\u{1b}', '\u{202e}', '\u{2066}', '\u{85}']));
    }
}

#[tokio::test]
async fn an_html_body_needs_nothing_from_elsewhere() {
    let bytes = sent(&digest(vec![edited(17, TITLE), removed(20)])).await;
    let (_, html) = bodies(&read(&bytes));
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    for needed in ["<meta charset=\"utf-8\">", "name=\"color-scheme\"", "prefers-color-scheme: dark"] {
        assert!(html.contains(needed), "{needed}");
    }
    for outside in ["<script", "<img", "<link", "src=", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn a_huge_burst_is_one_mail_of_bounded_size_that_says_what_is_left_out() {
    let releases = (1..=3_000).map(|id| edited(id, &format!("Release number {id}"))).collect();
    let bytes = sent(&message(Content::Summary { occasion: Occasion::Burst, told: releases })).await;
    let mail = read(&bytes);
    assert_eq!(mail.subject(), Some("3000 edited in one check [Port of Vellmar]"));
    let (text, html) = bodies(&mail);
    assert!(html.len() < 450_000 && text.len() < 450_000, "{} {}", html.len(), text.len());
    assert!(text.contains("Release number 1\n") && text.contains("are told in short"));
    assert!(text.contains("more are not in this mail. All of them: pressdiff events --after"), "{text}");
}

#[tokio::test]
async fn review_pages_are_linked_where_they_are_served() {
    let server = SmtpServer::start(Setup::default());
    let web = Url::parse("https://watch.example.org/pressdiff").unwrap();
    EmailNotifier::new(&smtp(server.port), Some(&web)).unwrap().send(&one(edited(17, TITLE))).await.unwrap();
    let (text, html) = bodies(&read(&server.received()[0].bytes));
    let page = "https://watch.example.org/pressdiff/events/17";
    assert!(text.contains(page) && html.contains(&format!("href=\"{page}\"")));
}

#[tokio::test]
async fn a_signature_covers_what_readers_see() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("dkim.pem");
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    let server = SmtpServer::start(Setup::default());
    let dkim = Some(DkimConfig { domain: "example.org".into(), selector: "press".into(), key_file: key_file.clone() });
    let config = SmtpConfig { dkim, ..smtp(server.port) };
    EmailNotifier::new(&config, None).unwrap().send(&one(edited(17, TITLE))).await.unwrap();
    let bytes = server.received()[0].bytes.clone();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let signature: String = mail.header_raw("DKIM-Signature").unwrap().split_whitespace().collect();
    assert!(signature.contains("a=ed25519-sha256;d=example.org;s=press;c=relaxed/relaxed"), "{signature}");
    assert!(signature.contains("h=from:to:subject:date:message-id:"), "{signature}");
    fs::write(&key_file, "no key").unwrap();
    let error = EmailNotifier::new(&config, None).unwrap_err().to_string();
    assert!(error.contains("dkim.key_file") && error.contains("dkim.pem"), "{error}");
}
