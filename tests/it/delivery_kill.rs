//! The program is killed again and again while it tells of many events, and each of them arrives. What arrives twice
//! bears the same id, and there is no more of it than there were kills.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use pressdiff::config::Config;
use pressdiff::domain::model::{AlertState, Event, EventKind, Reason, Significance, SourceId, SourceState};
use pressdiff::domain::route::{Texts, plan, wanting};
use pressdiff::notify::subscriptions;
use pressdiff::store::{CheckOutcome, Store, StoreError};
use url::Url;

use crate::support::evolving::text::Numbers;
use crate::support::program::Desk;
use crate::support::server::{Answer, Request, Server};

const EVENTS: usize = 200;
const KILLS: usize = 50;

/// When the program is killed, counted from its start. No moment is a point in time: each is something that it did.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// It has posted so many webhooks, and the last has no answer yet.
    Posted(u64),
    /// So many webhooks were answered: the last may be marked as sent, or not.
    Answered(u64),
    /// It has written so many lines to the log.
    Logged(u64),
}

/// What the receiver got, and when it kills whom.
#[derive(Default)]
struct Receiver {
    /// Id of the message and body, in order.
    got: Vec<(String, Vec<u8>)>,
    moment: Option<Moment>,
    child: Option<Child>,
    /// Since the child was started.
    posted: u64,
}

type SharedReceiver = Arc<Mutex<Receiver>>;

impl Receiver {
    /// Takes a webhook; whether the program is to be killed when its answer has been sent.
    fn take(&mut self, request: &Request) -> bool {
        self.got.push((request.header("webhook-id").unwrap().to_owned(), request.body.clone()));
        self.posted += 1;
        match self.moment {
            Some(Moment::Posted(count)) if count == self.posted => {
                self.kill();
                false
            }
            Some(Moment::Answered(count)) => count == self.posted,
            _ => false,
        }
    }

    fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
        }
    }
}

/// Serves the page that is watched, and receives webhooks.
async fn serve(receiver: &SharedReceiver) -> Server {
    let receiver = Arc::clone(receiver);
    Server::answering(move |request| match request.path.as_str() {
        "/statute" => Answer::html("<h1>Statute</h1><p>The harbour has twelve berths for ships of every size.</p>"),
        "/hook" => {
            let is_last = receiver.lock().unwrap().take(request);
            let killer = Arc::clone(&receiver);
            let answer = Answer::status(204);
            if is_last { answer.and_then(move || killer.lock().unwrap().kill()) } else { answer }
        }
        _ => Answer::status(404),
    })
    .await
}

fn desk(server: &Server) -> Desk {
    Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"harbour\"\npages = [\"{}\"]\n\
         [[alert]]\nname = \"hook\"\nchannel = \"webhook\"\nurl = \"{}\"\nburst_limit = 10000\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\nburst_limit = 10000\n",
        server.url("/statute"),
        server.url("/hook"),
    ))
}

/// A process that another test starts at this moment holds a copy of the lock until it runs its own program.
fn open(desk: &Desk) -> Store {
    for _ in 0..1_000_000 {
        match Store::open(&desk.path("pressdiff.db")) {
            Err(StoreError::Locked { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
    panic!("the store stays locked")
}

/// Fills the outbox: so many events for every alert.
async fn record(desk: &Desk) {
    let config = Config::load(&desk.path("pressdiff.toml")).unwrap();
    let subscriptions = subscriptions(&config.alerts);
    let now = start();
    let outcome = CheckOutcome {
        source: SourceId("harbour".into()),
        at: now,
        releases: Vec::new(),
        events: (0..EVENTS).map(event).collect(),
        listings: Vec::new(),
        standings: Vec::new(),
        state: SourceState::default(),
        template: None,
        alerts: Box::new(move |events| {
            let wanted = events.iter().map(|told| wanting(&subscriptions, &told.event, &Texts::default()));
            plan(&subscriptions, &wanted.collect::<Vec<_>>(), now)
        }),
    };
    open(desk).record(outcome).await.unwrap();
}

fn start() -> DateTime<Utc> {
    "2026-05-20T08:00:00Z".parse().unwrap()
}

fn event(number: usize) -> Event {
    Event {
        at: start(),
        kind: EventKind::Removed,
        source: SourceId("harbour".into()),
        url: Url::parse(&format!("https://example.org/news/{number}/")).unwrap(),
        old_url: None,
        title: format!("Berth {number}"),
        fields: Vec::new(),
        significance: Significance::Major,
        reasons: vec![Reason::NotFound],
        summary: "it is gone".into(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    }
}

/// One check that is killed at this moment; whether it was.
fn check_killed(desk: &Desk, receiver: &SharedReceiver, moment: Moment) -> bool {
    let logged = lines(desk);
    let mut output = {
        // Held until the child is in its place, so that no webhook comes before.
        let mut receiver = receiver.lock().unwrap();
        (receiver.moment, receiver.posted) = (Some(moment), 0);
        let child = desk.command(&["check"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        receiver.child.insert(child).stdout.take().unwrap()
    };
    if let Moment::Logged(count) = moment {
        // There is nothing to wait on but the file.
        while lines(desk) < logged + count
            && receiver.lock().unwrap().child.as_mut().unwrap().try_wait().unwrap().is_none()
        {
            std::thread::yield_now();
        }
        receiver.lock().unwrap().kill();
    }
    // Ends with the child.
    output.read_to_end(&mut Vec::new()).unwrap();
    let mut receiver = receiver.lock().unwrap();
    receiver.moment = None;
    !receiver.child.take().unwrap().wait().unwrap().success()
}

fn lines(desk: &Desk) -> u64 {
    desk.log().lines().count() as u64
}

fn moment(numbers: &mut Numbers) -> Moment {
    let count = 1 + numbers.next() % 5;
    match numbers.next() % 3 {
        0 => Moment::Posted(count),
        1 => Moment::Answered(count),
        _ => Moment::Logged(count),
    }
}

/// The events of a line or a body.
fn id_of(json: &[u8]) -> i64 {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    value.get("events").map_or(&value, |events| &events[0])["id"].as_i64().unwrap()
}

/// How many are there more than once, of which every one has to be there.
fn repeated(told: &BTreeMap<i64, usize>) -> usize {
    assert_eq!(told.len(), EVENTS, "every alert arrives");
    told.values().map(|times| times - 1).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_alert_arrives_however_often_the_program_is_killed() {
    let receiver = SharedReceiver::default();
    let server = serve(&receiver).await;
    let desk = desk(&server);
    desk.succeed(&["check"]);
    record(&desk).await;

    let mut numbers = Numbers(5);
    for kill in 0..KILLS {
        let moment = moment(&mut numbers);
        let killed = tokio::task::block_in_place(|| check_killed(&desk, &receiver, moment));
        assert!(killed, "kill {kill}: the program ended before {moment:?}");
    }
    tokio::task::block_in_place(|| desk.succeed(&["check"]));

    let got = std::mem::take(&mut receiver.lock().unwrap().got);
    let mut posted = BTreeMap::new();
    for (_, body) in &got {
        *posted.entry(id_of(body)).or_default() += 1;
    }
    let messages: BTreeSet<&(String, Vec<u8>)> = got.iter().collect();
    assert_eq!(messages.len(), EVENTS, "what comes again is the same message, byte for byte");
    assert_eq!(messages.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), EVENTS, "each has an id of its own");

    let mut logged = BTreeMap::new();
    for line in desk.log().lines() {
        *logged.entry(id_of(line.as_bytes())).or_default() += 1;
    }
    let (posted, logged) = (repeated(&posted), repeated(&logged));
    println!("{KILLS} kills: {posted} webhooks and {logged} lines came twice");
    assert!(posted <= KILLS && logged <= KILLS, "{posted} and {logged} came twice");
    assert!(posted > 0, "no kill came between sending and marking");

    let states = open(&desk).list_messages(None).await.unwrap();
    assert!(states.iter().all(|alert| alert.state == AlertState::Sent));
    assert_eq!(states.len(), 2 * EVENTS);
}
