//! Alerts from a real outbox to a mail server that behaves as mail servers do: what arrives, how often, and what the
//! outbox says of the rest.

use std::fs;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::{AlertState, SourceState};
use pressdiff::domain::route::plan;
use pressdiff::notify::{Deliverer, Delivery, deliver_due, notifiers, subscriptions};
use pressdiff::store::{CheckOutcome, MessageLine, Store};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::notify::{outage, source};
use crate::support::smtp::{Answer, Closed, Encryption, Received, Setup, SmtpServer, Step};

/// A store whose alerts go to a mail server.
struct Desk {
    folder: TempDir,
    store: Store,
    clock: Clock,
    config: Config,
}

const ONE: &[&str] = &["ada@example.org"];
const THREE: &[&str] = &["ada@example.org", "bo@example.org", "cy@example.org"];

impl Desk {
    /// Writes to these people by the server at this port, with further lines in `[smtp]`.
    async fn new(port: u16, to: &[&str], smtp: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        store.sync_sources(vec![(source(), "Harbour".into())]).await.unwrap();
        fs::write(folder.path().join("password"), "open sesame\n").unwrap();
        let text = format!(
            "[[source]]\nid = \"harbour\"\nname = \"Harbour\"\npages = [\"https://example.org/\"]\n\
             [smtp]\nhost = \"localhost\"\nport = {port}\nfrom = \"pressdiff <alerts@example.org>\"\n{smtp}\n\
             [[alert]]\nname = \"desk\"\nchannel = \"email\"\nto = {to:?}\n"
        );
        let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
        Self { folder, store, clock: Clock::fixed(start()), config }
    }

    /// Writes in the clear.
    async fn plain(server: &SmtpServer, to: &[&str]) -> Self {
        Self::new(server.port, to, "tls = \"none\"").await
    }

    /// Writes encrypted and trusts the certificate of the server.
    async fn trusting(server: &SmtpServer, smtp: &str) -> Self {
        let desk = Self::new(server.port, ONE, &format!("ca_file = \"ca.pem\"\n{smtp}")).await;
        fs::write(desk.folder.path().join("ca.pem"), &server.certificate).unwrap();
        desk
    }

    /// Records this many events, routed to everybody.
    async fn record(&self, events: usize) {
        let now = self.clock.now();
        let subscriptions = subscriptions(&self.config.alerts);
        let outcome = CheckOutcome {
            events: (0..events).map(|_| outage(now)).collect(),
            alerts: Box::new(move |events| {
                plan(&subscriptions, &vec![(0..subscriptions.len()).collect(); events.len()], now)
            }),
            ..CheckOutcome::quiet(source(), now, SourceState::default())
        };
        self.store.record(outcome).await.unwrap();
    }

    /// Sent and failed, by a process that has just started.
    async fn deliver(&self) -> (usize, usize) {
        let notifiers = notifiers(&self.config).unwrap();
        let Delivery { sent, failed } = deliver_due(&self.store, &notifiers, &self.clock).await.unwrap();
        (sent, failed)
    }

    fn wait(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    /// What the outbox says of each message: to whom, how far, after how many attempts, and what went wrong last.
    async fn outbox(&self) -> Vec<(String, AlertState, u32, String)> {
        let messages = self.store.list_messages(None).await.unwrap().into_iter();
        let row = |message: MessageLine| {
            (message.addressee.recipient, message.state, message.attempts, message.error.unwrap_or_default())
        };
        messages.map(row).collect()
    }

    /// The one message of the outbox: how far it is, and what went wrong last.
    async fn only(&self) -> (AlertState, String) {
        let [(_, state, _, error)] = self.outbox().await.try_into().unwrap();
        (state, error)
    }
}

fn start() -> DateTime<Utc> {
    "2026-05-20T08:00:00Z".parse().unwrap()
}

fn message_id(received: &Received) -> String {
    let parser = mail_parser::MessageParser::default();
    parser.parse(&received.bytes).unwrap().message_id().unwrap().to_owned()
}

fn recipient(address: &str) -> Step {
    Step::Recipient(address.to_owned())
}

fn text(address: &str) -> Step {
    Step::Text(address.to_owned())
}

#[tokio::test]
async fn what_is_accepted_arrives_once_over_one_connection() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    desk.record(4).await;
    assert_eq!(desk.deliver().await, (12, 0));
    assert_eq!(desk.deliver().await, (0, 0));
    let received = server.received();
    assert_eq!(received.len(), 12);
    assert_eq!((server.connections(), server.farewells()), (1, 1));
    assert!(received.iter().all(|mail| mail.connection == 1 && mail.from == "alerts@example.org"));
    let mut ids: Vec<String> = received.iter().map(message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12, "each message has an id of its own");
    assert!(desk.outbox().await.iter().all(|(_, state, attempts, _)| (*state, *attempts) == (AlertState::Sent, 1)));
}

#[tokio::test]
async fn who_is_refused_for_good_keeps_nobody_else_from_reading() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    server.answer(recipient("bo@example.org"), Answer::Say("550-5.1.1 no such\r\n550 5.1.1 mailbox\u{1b}[2J\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (2, 1));
    assert_eq!(server.recipients(), ["ada@example.org", "cy@example.org"]);
    assert_eq!(server.connections(), 1);
    let [_, bo, _] = desk.outbox().await.try_into().unwrap();
    assert_eq!((bo.1, bo.2), (AlertState::Failed, 1));
    let wanted = format!("localhost:{} refused the recipient: 550 5.1.1 no such mailbox[2J", server.port);
    assert_eq!(bo.3, wanted, "{:?}", bo.3);
    desk.wait(TimeDelta::days(30));
    assert_eq!(desk.deliver().await, (0, 0));
}

#[tokio::test]
async fn a_message_that_is_refused_for_good_is_given_up_alone() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    server.answer(text("ada@example.org"), Answer::Say("554 5.7.1 looks like spam\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (2, 1));
    assert_eq!(server.recipients(), ["bo@example.org", "cy@example.org"]);
    assert_eq!(desk.outbox().await[0].1, AlertState::Failed);
}

#[tokio::test]
async fn a_greylisted_message_arrives_later_and_once() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    server.answer(recipient("bo@example.org"), Answer::Say("451 4.7.1 greylisted, come back later\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (2, 1));
    let [_, bo, _] = desk.outbox().await.try_into().unwrap();
    assert_eq!(bo.1, AlertState::Pending);
    assert!(bo.3.contains("451 4.7.1 greylisted, come back later"), "{}", bo.3);
    desk.wait(TimeDelta::minutes(2));
    assert_eq!(desk.deliver().await, (1, 0));
    assert_eq!(server.recipients(), ["ada@example.org", "cy@example.org", "bo@example.org"]);
}

#[tokio::test]
async fn a_server_that_is_down_for_a_week_gets_everything_afterwards() {
    let closed = Closed::new();
    let desk = Desk::new(closed.port(), THREE, "tls = \"none\"").await;
    desk.record(2).await;
    for _ in 0..7 * 24 {
        assert_eq!(desk.deliver().await.0, 0);
        desk.wait(TimeDelta::hours(1));
    }
    let outbox = desk.outbox().await;
    assert!(outbox.iter().all(|(_, state, _, _)| *state == AlertState::Pending), "{outbox:?}");
    assert!(outbox.iter().any(|(.., error)| error.contains("is it running")), "{outbox:?}");
    let server = closed.open(Setup::default());
    desk.wait(TimeDelta::hours(6));
    assert_eq!(desk.deliver().await, (6, 0));
    assert_eq!(server.received().len(), 6);
}

#[tokio::test]
async fn a_server_that_is_back_after_two_weeks_may_ask_for_another_time() {
    let closed = Closed::new();
    let desk = Desk::new(closed.port(), ONE, "tls = \"none\"").await;
    desk.record(2).await;
    for _ in 0..13 * 4 {
        desk.deliver().await;
        desk.wait(TimeDelta::hours(6));
    }
    let server = closed.open(Setup::default());
    desk.wait(TimeDelta::days(2));
    server.answer(recipient("ada@example.org"), Answer::Say("451 4.7.1 greylisted, come back later\r\n"));
    assert_eq!(desk.deliver().await, (0, 1));
    let outbox = desk.outbox().await;
    assert!(outbox[0].2 > 40 && outbox.iter().all(|row| row.1 == AlertState::Pending), "{outbox:?}");
    desk.wait(TimeDelta::hours(6));
    assert_eq!(desk.deliver().await, (2, 0));
}

#[tokio::test]
async fn a_connection_that_is_cut_before_the_answer_repeats_the_same_message() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(text("ada@example.org"), Answer::CutAfterKeeping);
    server.answer(text("ada@example.org"), Answer::Cut);
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (state, error) = desk.only().await;
    assert_eq!(state, AlertState::Pending);
    assert!(error.contains("failed at the message: "), "{error}");
    desk.wait(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await, (0, 1));
    desk.wait(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await, (1, 0));
    let [first, second] = server.received().try_into().unwrap();
    assert_eq!(message_id(&first), message_id(&second));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_once_more_with_a_new_one() {
    for step in [Step::Greeting, Step::Ehlo, Step::Sender, recipient("ada@example.org"), Step::Data] {
        let server = SmtpServer::start(Setup::default());
        let desk = Desk::plain(&server, THREE).await;
        server.answer(step.clone(), Answer::Cut);
        desk.record(1).await;
        assert_eq!(desk.deliver().await, (3, 0), "{step:?}: {:?}", desk.outbox().await);
        assert_eq!((server.connections(), server.kept()), (2, 3));

        server.answer(step.clone(), Answer::Cut);
        server.answer(step, Answer::Cut);
        desk.record(1).await;
        assert_ne!(desk.deliver().await.1, 0, "twice is no accident");
        desk.wait(TimeDelta::minutes(1));
        desk.deliver().await;
        assert_eq!(server.kept(), 6);
    }
}

#[tokio::test]
async fn a_message_of_which_nobody_knows_whether_it_arrived_holds_up_no_other() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(text("ada@example.org"), Answer::CutAfterKeeping);
    desk.record(4).await;
    assert_eq!(desk.deliver().await, (3, 1));
    desk.wait(TimeDelta::minutes(1));
    assert_eq!(desk.deliver().await, (1, 0));
    let ids: Vec<String> = server.received().iter().map(message_id).collect();
    assert_eq!((ids.len(), &ids[0]), (5, &ids[4]));

    server.answer(text("ada@example.org"), Answer::CutAfterKeeping);
    server.answer(text("ada@example.org"), Answer::CutAfterKeeping);
    desk.record(4).await;
    assert_eq!(desk.deliver().await, (0, 2), "a server that never answers gets one message at a time");
}

#[tokio::test]
async fn a_server_that_takes_its_time_gets_each_message_once() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(Step::Greeting, Answer::Late(Duration::from_secs(290)));
    server.answer(recipient("ada@example.org"), Answer::Late(Duration::from_secs(290)));
    server.answer(text("ada@example.org"), Answer::Late(Duration::from_secs(590)));
    desk.record(2).await;
    assert_eq!(desk.deliver().await, (2, 0), "{:?}", desk.outbox().await);
    assert_eq!((server.connections(), server.kept()), (1, 2));
}

#[tokio::test]
async fn a_server_that_takes_its_time_for_every_message_does_not_make_a_check_endless() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    for _ in 0..10 {
        server.answer(text("ada@example.org"), Answer::Late(Duration::from_secs(590)));
    }
    desk.record(10).await;
    assert_eq!(desk.deliver().await, (7, 1), "an hour, and the message under way");
    assert_eq!((desk.deliver().await, server.kept()), ((3, 0), 10));
}

#[tokio::test]
async fn once_the_end_has_come_a_message_under_way_is_taken_and_none_begun() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    server.answer(text("ada@example.org"), Answer::Late(Duration::from_secs(4)));
    desk.record(1).await;
    let mut deliverer = Deliverer::new(desk.store.clone(), notifiers(&desk.config).unwrap(), desk.clock.clone());
    assert!(deliverer.begin().await.unwrap());
    deliverer.end_at(Instant::now() + Duration::from_secs(1));
    let Delivery { sent, .. } = deliverer.finish_one().await.unwrap().unwrap();
    assert_eq!((sent, server.recipients()), (1, vec!["ada@example.org".to_owned()]));
    assert_eq!(desk.deliver().await, (2, 0), "the rest is for the next start");
    assert_eq!(server.kept(), 3);
}

#[tokio::test]
async fn only_the_code_of_a_reply_decides() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(Step::Greeting, Answer::Keep(b"220 Postf\xe4cher\r\n"));
    let said: [&[u8]; 4] = [b"250\r\n", b"250 2.0.0 f\xfcr dich\r\n", b"250-2.0.0 fine\r\n250\r\n", b"250 fine\n"];
    for reply in said {
        server.answer(text("ada@example.org"), Answer::Keep(reply));
    }
    desk.record(4).await;
    assert_eq!(desk.deliver().await, (4, 0), "{:?}", desk.outbox().await);
    assert_eq!((server.connections(), server.kept()), (1, 4));

    server.answer(recipient("ada@example.org"), Answer::Keep(b"550 Empf\xe4nger unbekannt\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (_, state, _, error) = desk.outbox().await.pop().unwrap();
    assert_eq!(state, AlertState::Failed);
    assert!(error.ends_with("refused the recipient: 550 Empf\u{fffd}nger unbekannt"), "{error}");
}

#[tokio::test]
async fn a_reply_to_another_question_accepts_nothing() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(text("ada@example.org"), Answer::Keep(b"250 kept\r\n250 queued as 123\r\n"));
    server.answer(text("ada@example.org"), Answer::Say("451 4.7.1 greylisted\r\n"));
    desk.record(2).await;
    assert_eq!(desk.deliver().await, (1, 1));
    assert_eq!((server.connections(), server.kept()), (2, 1), "what comes next comes over a new connection");
    let [first, second] = desk.outbox().await.try_into().unwrap();
    assert_eq!((first.1, second.1), (AlertState::Sent, AlertState::Pending));
    assert!(second.3.contains("451 4.7.1 greylisted"), "{}", second.3);

    desk.wait(TimeDelta::minutes(1));
    server.answer(Step::Data, Answer::Say("250 weird\r\n"));
    server.answer(Step::Data, Answer::Say("250 weird\r\n"));
    assert_eq!(desk.deliver().await, (0, 1));
    let (_, state, _, error) = desk.outbox().await.pop().unwrap();
    assert_eq!(state, AlertState::Pending);
    assert!(error.contains("failed at the message: it answered out of turn: 250 weird"), "{error}");
    desk.wait(TimeDelta::minutes(2));
    assert_eq!((desk.deliver().await, server.kept()), ((1, 0), 2));
}

#[tokio::test]
async fn a_server_that_knows_no_ehlo_is_greeted_as_of_old() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, ONE).await;
    server.answer(Step::Ehlo, Answer::Say("502 5.5.1 what?\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (1, 0), "{:?}", desk.outbox().await);

    let server = SmtpServer::start(Setup { encryption: Encryption::StartTls, ..Setup::default() });
    let desk = Desk::trusting(&server, "").await;
    server.answer(Step::Ehlo, Answer::Say("502 5.5.1 what?\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1), "nothing goes out in the clear");
    let (_, error) = desk.only().await;
    assert!(error.contains("refused STARTTLS: 502 5.5.1 what?"), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_holds_nobody_up_for_long() {
    for (step, stage) in [
        (Step::Greeting, "the greeting within 300 s"),
        (Step::Sender, "the sender within 300 s"),
        (text("ada@example.org"), "the message within 600 s"),
    ] {
        let server = SmtpServer::start(Setup::default());
        let desk = Desk::plain(&server, THREE).await;
        server.answer(step, Answer::Silence);
        desk.record(1).await;
        assert_eq!(desk.deliver().await, (0, 1));
        assert_eq!(server.connections(), 1, "a silent server is asked once");
        let outbox = desk.outbox().await;
        assert!(outbox[0].3.contains(&format!("gave no answer to {stage}")), "{outbox:?}");
        tokio::time::resume();
        desk.wait(TimeDelta::minutes(2));
        assert_eq!(desk.deliver().await, (3, 0));
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut() {
    for encryption in [Encryption::None, Encryption::Implicit, Encryption::StartTls] {
        for step in [Step::Greeting, Step::Ehlo, Step::Sender] {
            let server = SmtpServer::start(Setup { encryption, ..Setup::default() });
            let desk = Desk::trusting(&server, &tls(encryption)).await;
            server.answer(step.clone(), Answer::Flood);
            server.answer(step, Answer::Flood);
            desk.record(1).await;
            assert_eq!(desk.deliver().await, (0, 1));
            let (state, error) = desk.only().await;
            assert_eq!(state, AlertState::Pending);
            assert!(error.contains("the answer has no end"), "{error}");
        }
    }
}

fn tls(encryption: Encryption) -> String {
    let word = match encryption {
        Encryption::None => "none",
        Encryption::StartTls => "starttls",
        Encryption::Implicit => "implicit",
    };
    format!("tls = \"{word}\"")
}

const LOGIN: &str = "username = \"ada\"\npassword_file = \"password\"";

#[tokio::test]
async fn mail_is_encrypted_and_logged_in() {
    for encryption in [Encryption::StartTls, Encryption::Implicit] {
        for auth in ["PLAIN LOGIN", "LOGIN"] {
            let server = SmtpServer::start(Setup { encryption, auth, ..Setup::default() });
            let desk = Desk::trusting(&server, &format!("{}\n{LOGIN}", tls(encryption))).await;
            desk.record(2).await;
            assert_eq!(desk.deliver().await, (2, 0), "{:?}", desk.outbox().await);
            let [first, second] = server.received().try_into().unwrap();
            assert!(first.is_encrypted && second.is_encrypted);
            let mechanism = auth.split(' ').next().unwrap();
            assert_eq!(first.login, Some(format!("{mechanism} ada open sesame")));
            assert_eq!(server.connections(), 1);
        }
    }
}

#[tokio::test]
async fn a_wrong_certificate_is_told_with_its_mend_and_sends_nothing() {
    let name = Setup { encryption: Encryption::StartTls, name: "mail.elsewhere.example", ..Setup::default() };
    let server = SmtpServer::start(name);
    let desk = Desk::trusting(&server, "").await;
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (state, error) = desk.only().await;
    assert_eq!(state, AlertState::Pending);
    assert!(error.contains("not valid for name") && error.contains("the name in the certificate"), "{error}");

    let stranger = SmtpServer::start(Setup { encryption: Encryption::Implicit, auth: "PLAIN", ..Setup::default() });
    let desk = Desk::new(stranger.port, ONE, &format!("tls = \"implicit\"\n{LOGIN}")).await;
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (state, error) = desk.only().await;
    assert_eq!(state, AlertState::Pending);
    assert!(error.contains("ca_file"), "{error}");
    assert_eq!((server.received().len(), stranger.received().len()), (0, 0));
}

#[tokio::test]
async fn a_refused_login_is_told_without_the_password_and_mended_later() {
    let server = SmtpServer::start(Setup { auth: "PLAIN", ..Setup::default() });
    let desk = Desk::new(server.port, THREE, &format!("tls = \"none\"\n{LOGIN}")).await;
    server.answer(Step::Auth, Answer::Say("535 5.7.8 wrong name or password\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    assert_eq!(server.connections(), 1, "a login that fails is not tried for each message");
    let outbox = desk.outbox().await;
    assert!(outbox.iter().all(|row| row.1 == AlertState::Pending), "{outbox:?}");
    assert!(outbox[0].3.contains("535 5.7.8 wrong name or password; check username and password"), "{outbox:?}");
    assert!(!format!("{outbox:?}").contains("sesame"));
    desk.wait(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await, (3, 0));
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_where_encryption_is_asked_for() {
    let server = SmtpServer::start(Setup { auth: "PLAIN", ..Setup::default() });
    let desk = Desk::trusting(&server, LOGIN).await;
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (state, error) = desk.only().await;
    assert_eq!(state, AlertState::Pending);
    assert!(error.contains("does not offer STARTTLS; if the server encrypts"), "{error}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn what_follows_starttls_in_the_clear_is_not_believed() {
    let server = SmtpServer::start(Setup { encryption: Encryption::StartTls, ..Setup::default() });
    let desk = Desk::trusting(&server, "").await;
    server.answer(Step::StartTls, Answer::Say("220 go on\r\n250 AUTH PLAIN\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (0, 1));
    let (_, error) = desk.only().await;
    assert!(error.contains("went on in the clear"), "{error}");
}

#[tokio::test]
async fn a_server_that_closes_between_messages_is_asked_again_at_once() {
    let server = SmtpServer::start(Setup::default());
    let desk = Desk::plain(&server, THREE).await;
    server.answer(text("ada@example.org"), Answer::Say("250 kept\r\n"));
    server.answer(Step::Sender, Answer::Say("250 fine\r\n"));
    server.answer(Step::Sender, Answer::Say("421 4.7.0 enough for one connection\r\n"));
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (3, 0), "{:?}", desk.outbox().await);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_password_that_is_not_there_is_told_before_anything_starts() {
    let server = SmtpServer::start(Setup { auth: "PLAIN", ..Setup::default() });
    let desk = Desk::new(server.port, ONE, &format!("tls = \"none\"\n{LOGIN}")).await;
    fs::remove_file(desk.folder.path().join("password")).unwrap();
    let error = notifiers(&desk.config).unwrap_err();
    let said = format!("{error}: {}", error.source);
    assert!(said.contains("`desk`") && said.contains("password"), "{said}");
}
