//! The program is killed again and again while it tells of many events, and each of them arrives. What arrives twice
//! bears the same id, and there is no more of it than there were kills.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use mail_parser::MessageParser;
use pressdiff::config::Config;
use pressdiff::domain::model::{AlertState, Event, EventKind, Reason, Significance, SourceId, SourceState};
use pressdiff::domain::route::{Texts, plan, wanting};
use pressdiff::notify::subscriptions;
use pressdiff::store::{CheckOutcome, Store, StoreError};
use url::Url;

use crate::support::evolving::text::Numbers;
use crate::support::program::Desk;
use crate::support::server::{Answer, Request, Server};
use crate::support::smtp::{Setup, SmtpServer};

const EVENTS: usize = 200;
const KILLS: usize = 50;

/// When the program is killed, counted from its start. No moment is a point in time: each is something that it did.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// It has posted so many webhooks, and the last has no answer yet.
    Posted(u64),
    /// So many webhooks were answered: the last may be marked as sent, or not.
    Answered(u64),
    /// It has written so many lines to the log: the last may be whole or not, on the disk or not, marked or not.
    Logged(u64),
    /// So many mails were taken: of the last the program may not know it yet.
    Mailed(u64),
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

fn desk(server: &Server, mail: &SmtpServer) -> Desk {
    Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"harbour\"\npages = [\"{}\"]\n\
         [smtp]\nhost = \"localhost\"\nport = {}\nfrom = \"alerts@example.org\"\ntls = \"none\"\n\
         [[alert]]\nname = \"mail\"\nchannel = \"email\"\nto = [\"ada@example.org\"]\nburst_limit = 10000\n\
         [[alert]]\nname = \"hook\"\nchannel = \"webhook\"\nurl = \"{}\"\nburst_limit = 10000\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\nburst_limit = 10000\n",
        server.url("/statute"),
        mail.port,
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
        events: (0..EVENTS).map(event).collect(),
        alerts: Box::new(move |events| {
            let wanted = events.iter().map(|told| wanting(&subscriptions, &told.event, &Texts::default()));
            plan(&subscriptions, &wanted.collect::<Vec<_>>(), now)
        }),
        ..CheckOutcome::quiet(SourceId("harbour".into()), now, SourceState::default())
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

/// What the program works with, and who tells when it is to be killed.
struct Scene {
    desk: Desk,
    receiver: SharedReceiver,
    _server: Server,
    mail: SmtpServer,
}

impl Scene {
    /// After the baseline, with many events that nobody was told of.
    async fn set() -> Self {
        let receiver = SharedReceiver::default();
        let server = serve(&receiver).await;
        let mail = SmtpServer::start(Setup::default());
        let desk = desk(&server, &mail);
        tokio::task::block_in_place(|| desk.succeed(&["check"]));
        record(&desk).await;
        Self { desk, receiver, _server: server, mail }
    }

    /// A moment that comes before everything is told.
    async fn moment(&self, numbers: &mut Numbers) -> Moment {
        let count = 1 + numbers.next() % 4;
        let store = Store::open_read(&self.desk.path("pressdiff.db")).unwrap();
        let mut pending: BTreeMap<String, u64> = BTreeMap::new();
        for message in store.list_messages(Some(AlertState::Pending)).await.unwrap() {
            *pending.entry(message.addressee.alert).or_default() += 1;
        }
        let busy: Vec<&str> =
            pending.iter().filter(|(_, left)| **left > count).map(|(alert, _)| alert.as_str()).collect();
        match busy[usize::try_from(numbers.next()).unwrap() % busy.len()] {
            "hook" if numbers.next().is_multiple_of(2) => Moment::Posted(count),
            "hook" => Moment::Answered(count),
            "log" => Moment::Logged(count),
            _ => Moment::Mailed(count),
        }
    }

    /// One check that is killed at this moment; whether it was.
    fn check_killed(&self, moment: Moment) -> bool {
        let (logged, mailed) = (lines(&self.desk), self.mail.kept());
        let mut output = {
            // Held until the child is in its place, so that no webhook comes before.
            let mut receiver = self.receiver.lock().unwrap();
            (receiver.moment, receiver.posted) = (Some(moment), 0);
            let mut command = self.desk.command(&["check"]);
            let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            receiver.child.insert(child).stdout.take().unwrap()
        };
        match moment {
            Moment::Posted(_) | Moment::Answered(_) => {}
            Moment::Logged(count) => self.kill_when(|| lines(&self.desk) - logged >= count),
            Moment::Mailed(count) => self.kill_when(|| (self.mail.kept() - mailed) as u64 >= count),
        }
        // Ends with the child.
        output.read_to_end(&mut Vec::new()).unwrap();
        let mut receiver = self.receiver.lock().unwrap();
        receiver.moment = None;
        !receiver.child.take().unwrap().wait().unwrap().success()
    }

    /// Looks again and again: there is nothing to wait on.
    fn kill_when(&self, is_reached: impl Fn() -> bool) {
        let has_ended = || self.receiver.lock().unwrap().child.as_mut().unwrap().try_wait().unwrap().is_some();
        while !is_reached() && !has_ended() {
            std::thread::yield_now();
        }
        self.receiver.lock().unwrap().kill();
    }

    /// The webhooks: how many came twice.
    fn check_webhooks(&self) -> usize {
        let got = std::mem::take(&mut self.receiver.lock().unwrap().got);
        let messages: BTreeSet<&(String, Vec<u8>)> = got.iter().collect();
        assert_eq!(messages.len(), EVENTS, "what comes again is the same message, byte for byte");
        repeated(got.iter().map(|(id, body)| (event_of(body), id.clone())))
    }

    /// The lines of the log: how many are there twice. A line has no id but that of its event.
    fn check_log(&self) -> usize {
        repeated(self.desk.log().lines().map(|line| (event_of(line.as_bytes()), line.to_owned())))
    }

    /// The mails: how many came twice.
    fn check_mails(&self) -> usize {
        repeated(self.mail.received().iter().map(|received| {
            let mail = MessageParser::default().parse(&received.bytes).unwrap();
            let number = mail.subject().unwrap().split("Berth ").nth(1).unwrap().split(' ').next().unwrap();
            (number.parse().unwrap(), mail.message_id().unwrap().to_owned())
        }))
    }
}

fn lines(desk: &Desk) -> u64 {
    desk.log().lines().count() as u64
}

/// The number in the title of the one event.
fn event_of(json: &[u8]) -> usize {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    let event = value.get("events").map_or(&value, |events| &events[0]);
    event["title"].as_str().unwrap().trim_start_matches("Berth ").parse().unwrap()
}

/// How many events were told more than once. Every one has to be told, always with the same id, which no other has.
fn repeated(told: impl Iterator<Item = (usize, String)>) -> usize {
    let mut ids: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (event, id) in told {
        ids.entry(event).or_default().push(id);
    }
    assert_eq!(ids.len(), EVENTS, "every alert arrives");
    assert!(ids.values().all(|ids| ids.iter().all(|id| *id == ids[0])), "the same message has the same id");
    assert_eq!(ids.values().map(|ids| &ids[0]).collect::<BTreeSet<_>>().len(), EVENTS, "another one has another");
    ids.values().map(|ids| ids.len() - 1).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_alert_arrives_however_often_the_program_is_killed() {
    let scene = Scene::set().await;
    let mut numbers = Numbers(5);
    for kill in 0..KILLS {
        let moment = scene.moment(&mut numbers).await;
        let killed = tokio::task::block_in_place(|| scene.check_killed(moment));
        assert!(killed, "kill {kill}: the program ended before {moment:?}");
    }
    tokio::task::block_in_place(|| scene.desk.succeed(&["check"]));

    let (posted, logged, mailed) = (scene.check_webhooks(), scene.check_log(), scene.check_mails());
    println!("{KILLS} kills: {posted} webhooks, {logged} lines and {mailed} mails came twice");
    assert!([posted, logged, mailed].iter().all(|repeated| *repeated <= KILLS), "{posted}, {logged}, {mailed}");
    assert!(posted > 0, "no kill came between sending and marking");

    let messages = open(&scene.desk).list_messages(None).await.unwrap();
    assert!(messages.iter().all(|message| message.state == AlertState::Sent));
    assert_eq!(messages.len(), 3 * EVENTS);
}
