//! Webhooks as a receiver gets them: signed so that an independent implementation agrees, described by their schema,
//! and told apart by what the receiver answers.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::clock::Clock;
use pressdiff::config::{Config, Secret};
use pressdiff::domain::diff::{BlockEdit, Change, diff};
use pressdiff::domain::message::{Content, Message, MessageId, Notice, Occasion, Told};
use pressdiff::domain::model::{
    Addressee, AlertState, Block, BlockKind, Document, Event, EventId, EventKind, Field, Reason, RecordedEvent,
    Significance, SourceId, SourceState,
};
use pressdiff::domain::payload::{MOST_BYTES, payload};
use pressdiff::domain::route::plan;
use pressdiff::notify::{FailureScope, WebhookError, WebhookNotifier, deliver_due, notifiers, subscriptions};
use pressdiff::store::{CheckOutcome, Store};
use serde_json::{Value, json};
use url::Url;

use crate::diff_schema;
use crate::support::server::{Answer, Request, Server};

const DOCUMENT: &str = include_str!("../../docs/webhook.md");
const SCHEMA: &str = include_str!("../../docs/webhook.schema.json");
const DIFF_SCHEMA: &str = include_str!("../../docs/diff.schema.json");

fn event(id: i64, title: &str) -> RecordedEvent {
    let event = Event {
        at: at(),
        kind: EventKind::Edited,
        source: SourceId("harbour".into()),
        url: Url::parse("https://example.org/news/1/").unwrap(),
        old_url: None,
        title: title.into(),
        fields: vec![Field::Body],
        significance: Significance::Major,
        reasons: vec![Reason::Number],
        summary: "“12” became “14”".into(),
        old_version: Some(1),
        new_version: Some(2),
        explanation: "never told".into(),
        evidence: Vec::new(),
        release: None,
    };
    RecordedEvent { id: EventId(id), event }
}

fn at() -> DateTime<Utc> {
    "2026-11-21T10:15:00Z".parse().unwrap()
}

fn change() -> Change {
    let document = |number: &str| {
        let text = format!("The harbour has {number} berths.");
        let blocks = vec![Block { kind: BlockKind::Paragraph, text }];
        Document { title: "Berths".into(), blocks, ..Document::default() }
    };
    diff(&document("12"), &document("14"))
}

/// A change in a text that takes more room than there is.
fn huge_change() -> Change {
    let mut change = change();
    change.blocks.push(BlockEdit::Equal { kind: BlockKind::Paragraph, text: "Many words. ".repeat(MOST_BYTES / 12) });
    change
}

fn told(ids: &[i64], change: Option<Change>) -> Told {
    let events = ids.iter().map(|id| event(*id, "Berths")).collect();
    Told { events, source_name: "Harbour".into(), change, thread: format!("release-{}", ids[0]) }
}

fn message(content: Content) -> Message {
    Message {
        id: MessageId(7),
        key: "3f2a-7".into(),
        addressee: Addressee { alert: "desk".into(), recipient: "https://example.org/".into() },
        content,
        created_at: at(),
        attempts: 1,
    }
}

fn one_event() -> Message {
    message(Content::Event(Box::new(told(&[17], Some(change())))))
}

fn summary(told: Vec<Told>) -> Message {
    message(Content::Summary { occasion: Occasion::Digest, told })
}

fn read(body: impl AsRef<[u8]>) -> Value {
    serde_json::from_slice(body.as_ref()).unwrap()
}

/// The body without its changes, each of which has to be as its own schema says.
fn fits_schema(message: &Message) -> Result<(), String> {
    let mut schema: Value = read(SCHEMA);
    schema["$defs"]["event"]["properties"]["change"] = json!({ "type": "null" });
    let diff_schema: Value = read(DIFF_SCHEMA);
    let mut body = read(payload(message));
    for event in body["events"].as_array_mut().unwrap() {
        if !event["change"].is_null() {
            diff_schema::check(&diff_schema, &diff_schema, &event["change"].take())?;
        }
    }
    diff_schema::check(&schema, &schema, &body)
}

#[test]
fn every_form_of_the_body_is_in_the_schema() {
    let notices = [
        Notice::Heartbeat { releases: 9, sources: 2, events: 3, troubles: vec!["Harbour: outage".into()] },
        Notice::ChannelFailing { alert: "mail".into(), since: at(), waiting: 3, error: "refused".into() },
        Notice::ChannelRecovered { alert: "mail".into(), since: at() },
        Notice::Sample,
    ];
    let mut messages: Vec<Message> = notices.into_iter().map(|notice| message(Content::Notice(notice))).collect();
    messages.push(one_event());
    for occasion in [Occasion::Digest, Occasion::Burst, Occasion::QuietHours] {
        let told = vec![told(&[17, 18], Some(change())), told(&[19], None)];
        messages.push(message(Content::Summary { occasion, told }));
    }
    let forms: Vec<Value> = messages.iter().map(|message| read(payload(message))["form"].take()).collect();
    assert_eq!(forms, ["notice", "notice", "notice", "notice", "event", "digest", "burst", "quiet-hours"]);
    for message in &messages {
        assert_eq!(fits_schema(message), Ok(()), "{}", payload(message));
    }
}

#[test]
fn events_of_one_release_share_one_change() {
    let body = read(payload(&summary(vec![told(&[17, 18], Some(change())), told(&[19], None)])));
    let of: Vec<&Value> = body["events"].as_array().unwrap().iter().map(|event| &event["change_of"]).collect();
    assert_eq!(of, [&json!([]), &json!([17, 18]), &json!([])]);
    assert_eq!(body["events"][1]["change"]["fields"], json!(["body"]));
    assert_eq!(body["events"][0]["change"], Value::Null);
    assert_eq!((&body["events_left_out"], &body["changes_left_out"]), (&json!(0), &json!(0)));
}

#[test]
fn a_body_has_a_bound_and_says_what_it_leaves_out() {
    let huge = payload(&summary(vec![told(&[1], Some(huge_change())), told(&[2], Some(change()))]));
    assert!(huge.len() <= MOST_BYTES, "{}", huge.len());
    let body = read(huge);
    assert_eq!((&body["changes_left_out"], &body["events"][0]["change"]), (&json!(1), &Value::Null));
    assert_eq!((&body["events"][0]["change_left_out"], &body["events"][0]["change_of"]), (&json!(true), &json!([1])));
    assert!(body["events"][1]["change"].is_object());

    let all: Vec<i64> = (1..=5_000).collect();
    let change = change();
    let many = payload(&summary(all.chunks(2).map(|ids| told(ids, Some(change.clone()))).collect()));
    assert!(many.len() <= MOST_BYTES, "{}", many.len());
    let body = read(many);
    let kept = body["events"].as_array().unwrap().len();
    assert!(kept > 1_000, "{kept}");
    assert_eq!(body["events_left_out"], 5_000 - kept);
    assert_eq!(body["events"][kept - 1]["id"], kept);
}

/// A folder with a secret in a file, and a sender to this server that signs with it.
fn signing(server: &Server, secret: &str) -> (tempfile::TempDir, WebhookNotifier) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, secret).unwrap();
    let notifier = WebhookNotifier::new(&server.url("/hook?token=t0k3n"), Some(&Secret::File(path))).unwrap();
    (folder, notifier)
}

fn plain(server: &Server) -> WebhookNotifier {
    WebhookNotifier::new(&server.url("/hook?token=t0k3n"), None).unwrap()
}

async fn receiving() -> Server {
    Server::answering(|_| Answer::status(204)).await
}

/// Runs the function of the document in a real Python.
fn verified_by_python(secret: &str, request: &Request, now: Option<i64>) -> bool {
    let code = DOCUMENT.split_once("```python\n").unwrap().1.split_once("```").unwrap().0;
    let driver = "import json, sys\n\
                  given = json.load(sys.stdin)\n\
                  print(verify(given['secret'], given['headers'], given['body'].encode(), given['now']))\n";
    let mut python = Command::new("python3")
        .args(["-c", &format!("{code}\n{driver}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs python3");
    let headers: BTreeMap<_, _> = request.headers.iter().cloned().collect();
    let body = String::from_utf8(request.body.clone()).unwrap();
    let given = json!({ "secret": secret, "headers": headers, "body": body, "now": now });
    python.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    match String::from_utf8(output.stdout).unwrap().trim() {
        "True" => true,
        "False" => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_document_verifies_what_is_sent() {
    let server = receiving().await;
    let encoded = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    for secret in ["a long secret of the desk", encoded] {
        let (_folder, notifier) = signing(&server, &format!("{secret}\n"));
        notifier.send(&one_event()).await.unwrap();
        let request = server.requests().pop().unwrap();
        assert!(verified_by_python(secret, &request, None));

        let sent_at: i64 = request.header("webhook-timestamp").unwrap().parse().unwrap();
        assert!(!verified_by_python(secret, &request, Some(sent_at + 301)), "too old");
        assert!(!verified_by_python("another secret", &request, None));
        let mut forged = request.clone();
        forged.body = String::from_utf8(forged.body).unwrap().replace("14", "15").into_bytes();
        assert!(!verified_by_python(secret, &forged, None));
    }
    let (_folder, notifier) = signing(&server, &format!("the new secret\n{encoded}\n"));
    notifier.send(&one_event()).await.unwrap();
    let request = server.requests().pop().unwrap();
    assert!(verified_by_python("the new secret", &request, None) && verified_by_python(encoded, &request, None));
}

#[tokio::test]
async fn the_request_has_the_headers_of_the_document() {
    let server = receiving().await;
    plain(&server).send(&one_event()).await.unwrap();
    plain(&server).send(&one_event()).await.unwrap();
    let requests = server.requests_for("/hook?token=t0k3n");
    let header = |name| requests[0].header(name);
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("user-agent"), Some(concat!("pressdiff/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(header("webhook-id"), Some("3f2a-7"));
    assert_eq!(header("webhook-signature"), None);
    assert_eq!(requests[0].body, payload(&one_event()).into_bytes());
    assert_eq!(requests[0].body, requests[1].body, "a repetition is the same message");
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
}

async fn refused_with(answer: Answer) -> WebhookError {
    let server = Server::start().await;
    server.on("/hook?token=t0k3n", answer);
    let error = plain(&server).send(&one_event()).await.unwrap_err();
    assert!(!error.to_string().contains("t0k3n"), "{error}");
    error
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_does_not_is_not() {
    use FailureScope::{Channel, Recipient};
    for (status, is_transient, scope) in [
        (304, false, Channel),
        (400, false, Channel),
        (401, false, Channel),
        (404, false, Channel),
        (408, true, Channel),
        (410, false, Recipient),
        (413, false, Recipient),
        (422, false, Recipient),
        (425, true, Channel),
        (429, true, Channel),
        (500, true, Channel),
        (503, true, Channel),
    ] {
        let error = refused_with(Answer::status(status)).await;
        assert_eq!((error.is_transient(), error.scope()), (is_transient, scope), "{status}");
        assert!(error.to_string().ends_with(&format!("answered {status}")), "{error}");
    }
}

#[tokio::test]
async fn a_receiver_says_when_to_come_back() {
    let after = |seconds| Answer::with(429, &[("Retry-After", seconds)], "slow down");
    assert_eq!(refused_with(after("120")).await.retry_after(), Some(Duration::from_mins(2)));
    assert_eq!(refused_with(after("99999999999")).await.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(refused_with(after("Fri, 21 Nov 2053 10:15:00 GMT")).await.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(refused_with(after("soon")).await.retry_after(), None);
    assert_eq!(refused_with(Answer::status(503)).await.retry_after(), None);
}

#[tokio::test]
async fn the_outbox_waits_as_long_as_the_receiver_asks() {
    let server = Server::start().await;
    server.on("/hook", Answer::with(503, &[("Retry-After", "1800")], ""));
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[[source]]\nid = \"harbour\"\npages = [\"https://example.org/\"]\n\
         [[alert]]\nname = \"desk\"\nchannel = \"webhook\"\nurl = \"{}\"\n",
        server.url("/hook")
    );
    let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
    let (store, clock) = (Store::open(&folder.path().join("pressdiff.db")).unwrap(), Clock::fixed(at()));
    store.sync_sources(vec![(SourceId("harbour".into()), "Harbour".into())]).await.unwrap();
    let alerts = subscriptions(&config.alerts);
    let outcome = CheckOutcome {
        events: vec![Event {
            kind: EventKind::Site,
            old_version: None,
            new_version: None,
            ..event(1, "Harbour").event
        }],
        alerts: Box::new(move |_| plan(&alerts, &[vec![0]], at())),
        ..CheckOutcome::quiet(SourceId("harbour".into()), at(), SourceState::default())
    };
    store.record(outcome).await.unwrap();
    let notifiers = notifiers(&config).unwrap();
    deliver_due(&store, &notifiers, &clock).await.unwrap();
    let message = store.list_messages(None).await.unwrap().remove(0);
    assert_eq!((message.state, message.due_at), (AlertState::Pending, at() + TimeDelta::minutes(30)));
    clock.set(at() + TimeDelta::minutes(29));
    deliver_due(&store, &notifiers, &clock).await.unwrap();
    assert_eq!(server.requests().len(), 1);

    server.on("/hook", Answer::status(200));
    clock.set(at() + TimeDelta::minutes(30));
    deliver_due(&store, &notifiers, &clock).await.unwrap();
    assert_eq!(store.list_messages(None).await.unwrap()[0].state, AlertState::Sent);
    let [first, second] = server.requests().try_into().unwrap();
    assert_eq!((first.header("webhook-id"), &first.body), (second.header("webhook-id"), &second.body));
    assert_eq!(read(&second.body)["events"][0]["source_name"], "Harbour");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_told() {
    let server = Server::start().await;
    let elsewhere = receiving().await;
    let target = elsewhere.url("/services/s3cret?key=s3cret");
    server.on("/hook?token=t0k3n", Answer::redirect(308, target.as_str()));
    let error = plain(&server).send(&one_event()).await.unwrap_err();
    assert!(!error.is_transient());
    let told = error.to_string();
    assert!(told.contains("308") && told.contains(&format!("{}…", elsewhere.url("/"))), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn what_the_receiver_says_is_told_plain_and_short() {
    let error = refused_with(Answer::with(422, &[], "no \u{1b}[31msuch\r\n\r\nroom\u{202e}")).await;
    assert!(error.to_string().ends_with("answered 422: no [31msuch room"), "{error}");
    let error = refused_with(Answer::with(500, &[], "x".repeat(1 << 20))).await;
    assert!(error.to_string().len() < 400, "{error}");
    let server = Server::start().await;
    server
        .on("/services/T0000001?key=s3cretkey", Answer::with(404, &[], "no /services/T0000001 here, and no s3cretkey"));
    let hook = WebhookNotifier::new(&server.url("/services/T0000001?key=s3cretkey"), None).unwrap();
    let told = hook.send(&one_event()).await.unwrap_err().to_string();
    assert!(told.contains("404: no /") && !told.contains("T0000001") && !told.contains("s3cretkey"), "{told}");
    // Not text at all, and never at an end.
    let error = refused_with(Answer::with(500, &[], [0xff, 0xfe, 0x00])).await;
    assert!(error.to_string().contains("500"), "{error}");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_may_come_back() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Url::parse(&format!("http://{}/t0k3n", listener.local_addr().unwrap())).unwrap()
    };
    let error = WebhookNotifier::new(&closed, None).unwrap().send(&one_event()).await.unwrap_err();
    assert!(error.is_transient());
    let told = error.to_string();
    assert!(told.contains("refused") && told.contains("127.0.0.1") && !told.contains("t0k3n"), "{told}");
    let error = refused_with(Answer::raw("HTTP/1.1 2")).await;
    assert!(error.is_transient(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_never_answers_is_left_alone_in_the_end() {
    let error = refused_with(Answer::hang()).await;
    assert!(error.is_transient() && error.to_string().contains("within 30 seconds"), "{error}");
}

#[tokio::test]
async fn a_secret_that_is_none_is_found_at_the_start() {
    let server = receiving().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let new = || WebhookNotifier::new(&server.url("/t0k3n"), Some(&Secret::File(path.clone()))).unwrap_err();
    assert!(new().to_string().contains(path.to_str().unwrap()));
    fs::write(&path, "whsec_not base64").unwrap();
    let told = new().to_string();
    assert!(told.contains("whsec_") && !told.contains("not base64") && !told.contains("t0k3n"), "{told}");
}
