use super::*;
use crate::domain::model::{EventKind, Reason, Significance, SourceId};
use crate::domain::recheck::Recheck;
use crate::domain::route::{KeywordPlace, Mode, QuietHours};

const MINIMAL: &str = "[[source]]\nid = \"csto\"\nlistings = [\"https://example.org/news/\"]\n";

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("config/pressdiff.toml"))
}

/// The mistakes of a file that has only these.
fn mistakes(text: &str) -> String {
    parse(text).unwrap_err().to_string().replace("config/pressdiff.toml:", "")
}

/// The mistakes of lines that stand in a source or another section after a whole source.
fn mistakes_after_minimal(lines: &str) -> String {
    mistakes(&format!("{MINIMAL}{lines}"))
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    let text = r#"[store]
pth = "pressdiff.db"

[fetch]
concurrency = 0
timeout = "fast"

[[source]]
id = "csto"
listings = ["https://example.org/news/", "example.org/more"]
schedule = "61 * * * *"
timezone = "Moscow"
  listing_depth = "5"

[source.extract]
article = "div["

[[source]]
id = "csto"
pages = ["https://example.org/statute"]

[[alert]]
name = "desk"
channel = "log"
sources = ["cstoo"]
"#;
    insta::assert_snapshot!(parse(text).unwrap_err(), @r#"
    config/pressdiff.toml:2:1: store.pth: unknown key; write path
    config/pressdiff.toml:5:15: fetch.concurrency: 0 is out of bounds; write a number from 1 to 256
    config/pressdiff.toml:6:11: fetch.timeout: "fast": not a duration; write a number with ms, s, m, h or d, such as "15m"
    config/pressdiff.toml:10:42: source.listings: "example.org/more": not a web address (relative URL without a base); write a whole address, such as "https://example.org/news/"
    config/pressdiff.toml:11:12: source.schedule: "61 * * * *": minute "61": not within 0 to 59; write 0 to 59, *, a range such as 1-5, */2 or a list
    config/pressdiff.toml:12:12: source.timezone: "Moscow": no such time zone; write a name of the IANA time zone database, such as "Europe/Moscow"
    config/pressdiff.toml:13:19: source.listing_depth: text instead of a number; write a number from 1 to 1000
    config/pressdiff.toml:16:11: source.extract.article: "div[": not a CSS selector; write one such as ".news-detail" or "article > p"
    config/pressdiff.toml:19:6: source.id: "csto": used already in line 9; write a name of its own
    config/pressdiff.toml:25:12: alert.sources: "cstoo": no such source; write "csto"
    "#);
}

#[test]
fn how_often_releases_are_looked_at() {
    let recheck = |lines: &str| parse(&format!("{MINIMAL}{lines}")).unwrap().sources[0].recheck;
    let days = |days: u64| Recheck::Adaptive { max_age: Duration::from_hours(24 * days) };
    assert_eq!(
        [recheck(""), recheck("recheck = \"adaptive\""), recheck("max_recheck_age = \"2d\"")],
        [days(7), days(7), days(2)]
    );
    assert_eq!(recheck("recheck = \"always\"\nmax_recheck_age = \"2d\""), Recheck::Always);
    insta::assert_snapshot!(mistakes_after_minimal("recheck = \"sometimes\"\nmax_recheck_age = \"60d\"\n"), @r#"
    4:11: source.recheck: "sometimes": not known here; write one of adaptive, always
    5:19: source.max_recheck_age: "60d": out of bounds; write "1h" to "30d"
    "#);
}

#[test]
fn how_long_pages_are_kept() {
    let keep = |lines: &str| parse(&format!("{MINIMAL}{lines}")).unwrap().sources[0].keep.map(|keep| keep.days);
    let all = [keep(""), keep("keep = \"forever\""), keep("keep = \"90d\""), keep("keep = \"2y\"")];
    assert_eq!(all, [None, None, Some(90), Some(730)]);
    for wrong in ["0d", "101y", "90", "d", "ä", "-1d", "soon"] {
        let told = mistakes_after_minimal(&format!("keep = \"{wrong}\""));
        assert!(told.contains("not a time to keep; write \"forever\""), "{told}");
    }
}

#[test]
fn the_shipped_file_is_right() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/pressdiff.toml");
    let config = Config::load(&shipped).unwrap();
    let source = &config.sources[0];
    let listings: Vec<_> = source.listings.iter().map(url::Url::as_str).collect();
    assert_eq!(listings, ["https://en.odkb-csto.org/news/", "https://en.odkb-csto.org/session/"]);
    assert_eq!((source.schedule.to_string().as_str(), source.timezone.name()), ("*/15 * * * *", "Europe/Moscow"));
    assert_eq!(config.alerts[0].channel, Channel::Log { path: None });
    assert_eq!(config.fetch, FetchConfig::default());
}

/// What the shipped file shows commented out is read as well, and is the default unless it says otherwise.
#[test]
fn the_shipped_file_tells_the_defaults() {
    let shipped = include_str!("../../config/pressdiff.toml");
    let key = |line: &str| {
        line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
    };
    let example = |line: &str| line.contains("# example");
    let uncommented: Vec<&str> = shipped
        .lines()
        .take_while(|line| !line.starts_with("# Mail: the server"))
        .map(|line| line.strip_prefix("# ").filter(|line| key(line) && !example(line)).unwrap_or(line))
        .collect();
    let (with, without) = (parse(&uncommented.join("\n")).unwrap(), parse(shipped).unwrap());
    assert!(uncommented.iter().filter(|line| key(line)).count() > 20);
    assert_eq!(format!("{with:?}"), format!("{without:?}"));
}

#[test]
fn the_shipped_file_shows_how_feeds_are_set_up() {
    let shipped = include_str!("../../config/pressdiff.toml");
    let example = shipped.split_once("# [feed]").unwrap().1.split_once("\n\n").unwrap().0.replace("\n# ", "\n");
    let feed = parse(&format!("{MINIMAL}[feed]{example}\n")).unwrap().feed.unwrap();
    assert_eq!((feed.folder.as_path(), feed.entries), (Path::new("config/feeds"), 100));
    assert_eq!(feed.url.unwrap().as_str(), "https://example.org/feeds/");
}

#[test]
fn the_shipped_file_shows_how_mail_is_set_up() {
    let shipped = include_str!("../../config/pressdiff.toml");
    let (_, example) = shipped.split_once("# [smtp]").unwrap();
    let example: String = example.lines().map(|line| line.strip_prefix("# ").unwrap_or("").to_owned() + "\n").collect();
    let config = parse(&format!("{MINIMAL}[smtp]{example}")).unwrap();
    let smtp = config.smtp.unwrap();
    assert_eq!((smtp.port, smtp.tls, smtp.dkim.unwrap().selector.as_str()), (587, Tls::StartTls, "pressdiff"));
    assert_eq!(smtp.login.unwrap().password, Secret::File("config/smtp.password".into()));
    assert_eq!(smtp.ca_file.unwrap(), Path::new("config/private-authority.pem"));
    assert!(matches!(&config.alerts[0].channel, Channel::Email { to } if to.len() == 2));
}

#[test]
fn a_server_for_mail_has_the_port_of_its_encryption() {
    let smtp = |tls: &str, host: &str| {
        let text = format!("{MINIMAL}[smtp]\nhost = \"{host}\"\nfrom = \"a@example.org\"\n{tls}\n");
        parse(&text).unwrap().smtp.unwrap()
    };
    assert_eq!((smtp("", "mail.example.org").port, smtp("", "mail.example.org").tls), (587, Tls::StartTls));
    assert_eq!(smtp("tls = \"implicit\"", "mail.example.org").port, 465);
    assert_eq!(smtp("tls = \"none\"", "::1").port, 25);
    assert_eq!(smtp("port = 2525", "mail.example.org").tls, Tls::StartTls);
}

#[test]
fn a_server_for_mail_is_a_name_and_its_port_fits_its_encryption() {
    let told = |lines: &str| mistakes_after_minimal(&format!("[smtp]\nfrom = \"a@example.org\"\n{lines}\n"));
    insta::assert_snapshot!(told("host = \"mail.example.org:465\"\nport = 465"), @r#"
    6:8: smtp.host: "mail.example.org:465": no name of a server; write its name or address alone, such as "mail.example.org"; the port has a key of its own
    7:8: smtp.port: encrypted from the first byte on; write tls = "implicit" beside it
    "#);
    insta::assert_snapshot!(told("host = \"[::1]\"\nport = 587\ntls = \"implicit\""), @r#"
    6:8: smtp.host: "[::1]": no name of a server; write its name or address alone, such as "mail.example.org"; the port has a key of its own
    7:8: smtp.port: begins in the clear; write tls = "starttls" beside it
    "#);
}

#[test]
fn a_log_is_no_file_of_the_record_and_not_the_configuration() {
    let log = |store: &str, file: &str| {
        let alert = format!("[[alert]]\nname = \"a\"\nchannel = \"log\"\npath = \"{file}\"\n");
        parse(&format!("[store]\npath = \"{store}\"\n{MINIMAL}{alert}"))
    };
    for (store, file) in
        [("a.db", "a.db"), ("./a.db", "a.db-wal"), ("/x/a.db", "/x/./a.db.password"), ("a.db", "pressdiff.toml")]
    {
        let told = log(store, file).unwrap_err().to_string();
        assert!(told.contains(":9:8: alert.path: lines would be written into the record"), "{file}: {told}");
    }
    for (store, file) in [("a.db", "a.db.jsonl"), ("a", "a.jsonl"), ("a.db", "logs/a.db"), ("a.db", "-")] {
        log(store, file).unwrap();
    }
}

#[test]
fn a_mailbox_is_written_to_once_under_whatever_name() {
    let text = format!(
        "{MINIMAL}[smtp]\nhost = \"localhost\"\nfrom = \"a@example.org\"\n[[alert]]\nname = \"desk\"\nchannel = \"email\"\n\
         to = [\"Ada <ada@example.org>\", \"ada@Example.ORG\", \"bo@example.org\", \"Bo <bo@example.org>\"]\n"
    );
    let to = ["Ada <ada@example.org>", "bo@example.org"].map(str::to_owned).to_vec();
    assert_eq!(parse(&text).unwrap().alerts[0].channel, Channel::Email { to });
}

#[test]
fn a_source_needs_only_id_and_listings() {
    let config = parse(MINIMAL).unwrap();
    let source = &config.sources[0];
    assert_eq!((source.id.to_string(), source.name.as_str()), ("csto".to_owned(), "csto"));
    assert_eq!((source.listing_depth, source.schedule.to_string()), (5, "*/15 * * * *".to_owned()));
    assert_eq!(source.timezone, chrono_tz::UTC);
    assert_eq!((source.confirm_removal.checks, source.confirm_removal.after), (2, Duration::from_hours(1)));
    assert!(source.feeds.is_empty() && source.include.is_empty() && source.extract.article.is_none());
    assert_eq!(config.store.path, Path::new("config/pressdiff.db"));
    assert_eq!((config.fetch, config.alerts), (FetchConfig::default(), Vec::new()));
}

#[test]
fn every_key_has_its_effect() {
    let config = parse(
        r#"
store = { path = "/srv/record.db" }
[fetch]
contact = "desk@example.org"
concurrency = 2
per_host_interval = "0s"
timeout = "250ms"
max_body = 500_000
robots = false
allow_private_addresses = true
[[source]]
id = "a-1"
name = "A"
pages = ["http://127.0.0.1:8080/terms"]
include = ["/news/**"]
listing_depth = 1000
schedule = "@hourly"
confirm_removal = { checks = 3, after = "2d" }
extract = { article = ".detail", ignore = [".share", "aside"] }
[[alert]]
name = "desk"
channel = "log"
path = "out/events.jsonl"
sources = ["a-1"]
kinds = ["edited", "removed"]
min_significance = "major"
reasons = ["number"]
keywords = ["summit"]
keywords_in = "release"
mode = "immediate"
timezone = "Europe/Berlin"
quiet_hours = "22:00-07:00"
burst_limit = 5
fallback = "second"
heartbeat = "@weekly"
[[alert]]
name = "second"
channel = "log"
digest = "0 8 * * *"
"#,
    )
    .unwrap();
    assert_eq!(config.store.path, Path::new("/srv/record.db"));
    let fetch = FetchConfig {
        contact: Some("desk@example.org".to_owned()),
        concurrency: 2,
        per_host_interval: Duration::ZERO,
        timeout: Duration::from_millis(250),
        max_body: 500_000,
        robots: false,
        allow_private_addresses: true,
    };
    assert_eq!(config.fetch, fetch);
    let source = &config.sources[0];
    assert_eq!((source.confirm_removal.checks, source.confirm_removal.after), (3, Duration::from_hours(48)));
    assert_eq!((source.pages.len(), source.include.len(), source.extract.ignore.len()), (1, 1, 2));
    let filter = Filter {
        sources: vec![SourceId("a-1".to_owned())],
        kinds: vec![EventKind::Edited, EventKind::Removed],
        min_significance: Significance::Major,
        reasons: vec![Reason::Number],
        keywords: vec!["summit".to_owned()],
        keywords_in: KeywordPlace::Release,
    };
    let quiet_hours = QuietHours::parse("22:00-07:00");
    let alert = AlertConfig {
        name: "desk".to_owned(),
        channel: Channel::Log { path: Some("config/out/events.jsonl".into()) },
        filter,
        rhythm: Rhythm { mode: Mode::Immediate { burst_limit: 5, quiet_hours }, timezone: chrono_tz::Europe::Berlin },
        fallback: Some("second".to_owned()),
        heartbeat: Some(Cadence::parse("@weekly").unwrap()),
    };
    let second = AlertConfig {
        name: "second".to_owned(),
        channel: Channel::Log { path: None },
        filter: Filter::default(),
        rhythm: Rhythm { mode: Mode::Digest(Cadence::parse("0 8 * * *").unwrap()), timezone: chrono_tz::UTC },
        fallback: None,
        heartbeat: None,
    };
    assert_eq!(config.alerts, [alert, second]);
}

#[test]
fn what_is_no_toml_does_not_hide_other_mistakes() {
    let text = "[[source]]\nid = csto\nlistings = [\"https://example.org/\"]\nlisting_depth = 0\nid = \"b\"\n\
                [[alert]]\nname = \"a\"\nchannel = \"log\"\nsources = [\"csto\"]\n";
    insta::assert_snapshot!(mistakes(text), @r#"
    2:6: string values must be quoted; put it in quotes
    4:17: source.listing_depth: 0 is out of bounds; write a number from 1 to 1000
    5:1: duplicate key; keep one of the two
    "#);
    insta::assert_snapshot!(mistakes("[store\npath = \"a\"\n[fetch]\nretries = 3\n"), @r#"
    1:7: unclosed table; expected `]`
    4:1: fetch.retries: unknown key; known here: contact, concurrency, per_host_interval, timeout, max_body, robots, allow_private_addresses
    "#);
    insta::assert_snapshot!(mistakes("[[source]]\nid = \"a\nlistings = [\"https://example.org/\"]\n"), @r#"2:8: invalid basic string; expected `"`"#);
}

#[test]
fn there_has_to_be_something_to_watch() {
    insta::assert_snapshot!(mistakes(""), @"1:1: source: nothing to watch; write [[source]] with id and listings");
    insta::assert_snapshot!(mistakes("source = []\n"), @"1:1: source: nothing to watch; write [[source]] with id and listings");
    insta::assert_snapshot!(mistakes_after_minimal("listing_depth = 1.5\n"), @"4:17: source.listing_depth: a number with a fraction instead of a number; write a number from 1 to 1000");
    insta::assert_snapshot!(mistakes("source = [7]\n"), @"1:11: source: a number instead of a table; write [[source]]");
    insta::assert_snapshot!(mistakes("[[source]]\nfeeds = []\n"), @r#"
    1:1: source.id: missing; write id = "…", a short name for the command line
    1:1: source.listings: nothing to watch; write listings = ["https://…"] with the page that lists the releases, or feeds, sitemaps or pages
    "#);
    insta::assert_snapshot!(mistakes("[source]\nid = \"a\"\npages = \"https://example.org/\"\n"), @r#"
    1:1: source: a table instead of a list of tables; write [[source]]
    3:9: source.pages: text instead of a list; write ["https://example.org/"]
    "#);
    insta::assert_snapshot!(mistakes_after_minimal("[[store]]\npath = \"a\"\n"), @"4:1: store: a list instead of a table; write [store], once");
}

#[test]
fn addresses_are_whole_and_without_passwords() {
    let text = r#"feeds = ["/news/", "ftp://example.org/", "https://ann:secret@example.org/", "ann:secret@x", 5]"#;
    let told = mistakes_after_minimal(text);
    assert!(!told.contains("secret"), "{told}");
    insta::assert_snapshot!(told, @r#"
    4:10: source.feeds: "/news/": not a web address (relative URL without a base); write a whole address, such as "https://example.org/news/"
    4:20: source.feeds: "ftp://example.org/": not http or https; write a whole address, such as "https://example.org/news/"
    4:42: source.feeds: an address with user name or password; leave out what stands before the @
    4:77: source.feeds: "…": not http or https; write a whole address, such as "https://example.org/news/"
    4:93: source.feeds: a number instead of text in quotes; write a whole address, such as "https://example.org/news/"
    "#);
}

#[test]
fn alerts_are_told_what_is_wrong_with_them() {
    let text = r#"[[alert]]
name = "desk"
channel = "email"
digest = "0 8 * *"
quiet_hours = "22:00-07:00"
fallback = "desk"
[[alert]]
name = "desk"
channel = "log"
to = []
secret = "s3cr3t"
mode = "digest"
kinds = ["edit", "x"]
reasons = ["nummer"]
fallback = "hok"
[[alert]]
name = "hook"
channel = "webhook"
path = "a.jsonl"
secret_file = "a"
secret_env = "B"
quiet_hours = "22-07"
burst_limit = 0
keywords_in = "text"
heartbeat = "@fortnightly"
"#;
    let told = mistakes_after_minimal(text);
    assert!(!told.contains("s3cr3t"), "{told}");
    insta::assert_snapshot!(told, @r#"
    4:1: alert.to: nobody to write to; write to = ["desk@example.org"]
    6:11: alert.channel: no server for it; write [smtp] with host and from
    7:10: alert.digest: "0 8 * *": 4 fields instead of five; write minute, hour, day of month, month and weekday with spaces between, such as "*/15 * * * *"
    8:1: alert.quiet_hours: only for alerts that come at once; leave it out: a digest comes at its own times only
    11:8: alert.name: "desk": used already in line 5; write a name of its own
    13:1: alert.to: only for channel = "email"; leave it out
    14:1: alert.secret: only for channel = "webhook"; leave it out
    15:8: alert.mode: "digest": not known here; write digest = "0 8 * * *" with the times of the digest, and no mode
    16:10: alert.kinds: "edit": not known here; write "edited"
    16:18: alert.kinds: "x": not known here; write one of new, edited, removed, restored, moved, unlisted, site
    17:12: alert.reasons: "nummer": not known here; write "number"
    18:12: alert.fallback: "hok": no such alert; write "hook"
    19:1: alert.url: missing; write url = "https://…"
    22:1: alert.path: only for channel = "log"; leave it out
    24:14: alert.secret_env: another secret is given as well; keep one of the two
    25:15: alert.quiet_hours: "22-07": not a time range; write when they begin and end, such as "22:00-07:00"
    26:15: alert.burst_limit: 0 is out of bounds; write a number from 1 to 10000
    27:15: alert.keywords_in: "text": not known here; write one of change, release
    28:13: alert.heartbeat: "@fortnightly": no such nickname as @fortnightly; write @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields
    "#);
}

#[test]
fn fallbacks_end_somewhere() {
    let alert =
        |name: &str, to: &str| format!("[[alert]]\nname = \"{name}\"\nchannel = \"log\"\nfallback = \"{to}\"\n");
    let text = format!("{}{}{}{}", alert("a", "b"), alert("b", "c"), alert("c", "b"), alert("d", "d"));
    insta::assert_snapshot!(mistakes_after_minimal(&text), @"
    11:12: alert.fallback: goes round in a circle: b → c → b; let one of them have no fallback
    19:12: alert.fallback: goes round in a circle: d → d; let one of them have no fallback
    ");
}

#[test]
fn mail_and_webhooks_are_read() {
    let text = r#"[smtp]
host = "mail.example.org"
from = "alerts@example.org"
[[alert]]
name = "desk"
channel = "email"
to = ["Desk <desk@example.org>", "ann@example.org"]
[[alert]]
name = "hook"
channel = "webhook"
url = "https://hooks.example.org/a?b=c"
secret_file = "hook.key"
[[alert]]
name = "open"
channel = "webhook"
url = "https://hooks.example.org/"
"#;
    let alerts = parse(&format!("{MINIMAL}{text}")).unwrap().alerts;
    let to = vec!["Desk <desk@example.org>".to_owned(), "ann@example.org".to_owned()];
    assert_eq!(alerts[0].channel, Channel::Email { to });
    let url = |text: &str| text.parse().unwrap();
    let secret = Some(Secret::File("config/hook.key".into()));
    assert_eq!(alerts[1].channel, Channel::Webhook { url: url("https://hooks.example.org/a?b=c"), secret });
    assert_eq!(alerts[2].channel, Channel::Webhook { url: url("https://hooks.example.org/"), secret: None });
}

#[test]
fn sections_about_the_service_are_checked() {
    let text = "[web]\nlisten = \"localhost\"\n[smtp]\nhost = \"mail.example.org\"\nport = 99999\ntls = \"none\"\n\
                username = \"pressdiff\"\npassword = \"secret\"\nuser = \"x\"\n";
    let told = mistakes_after_minimal(text);
    assert!(!told.contains("secret"), "{told}");
    insta::assert_snapshot!(told, @r#"
    5:10: web.listen: "localhost": not an address with a port; write address and port, such as "127.0.0.1:8787"
    6:1: smtp.from: missing; write from = "pressdiff <alerts@example.org>"
    8:8: smtp.port: 99999 is out of bounds; write a number from 1 to 65535
    9:7: smtp.tls: mail would cross the network unencrypted; write "starttls" or "implicit"; "none" is for a server on this machine only
    11:1: smtp.password: passwords do not belong into this file; put it in a file that only this service can read and name that with password_file, or use password_credential or password_env
    12:1: smtp.user: unknown key; known here: host, port, tls, username, password_file, password_credential, password_env, from, ca_file, dkim
    "#);
}

#[test]
fn values_are_bounded() {
    let text = "[fetch]\ncontact = \"nobody\"\nconcurrency = 257\nper_host_interval = 1\ntimeout = \"0s\"\nmax_body = \"2GiB\"\n\
                robots = \"yes\"\nallow_private_addresses = 1\nretry = true\n";
    insta::assert_snapshot!(mistakes_after_minimal(text), @r#"
    5:11: fetch.contact: "nobody": not a contact address; write a mail address or a web address, such as "desk@example.org"
    6:15: fetch.concurrency: 257 is out of bounds; write a number from 1 to 256
    7:21: fetch.per_host_interval: a number instead of text in quotes; write a number with ms, s, m, h or d, such as "15m"
    8:11: fetch.timeout: "0s": too short; write at least "1ms"
    9:12: fetch.max_body: "2GiB": out of bounds; write "1B" to "1GiB"
    10:10: fetch.robots: text instead of true or false; write true or false, without quotes
    11:27: fetch.allow_private_addresses: a number instead of true or false; write true or false, without quotes
    12:1: fetch.retry: unknown key; known here: contact, concurrency, per_host_interval, timeout, max_body, robots, allow_private_addresses
    "#);
    let text = "listing_depth = 1001\ntimezone = \"europe/berlin\"\nname = \"\"\nextract = { ignore = \".share\" }\n\
                confirm_removal = { checks = 0, after = \"400d\" }\ninclude = [\"news/**\"]\nschedule = \"0 0 30 2 *\"\n\
                [[source]]\nid = \"CSTO\"\nsitemaps = [\"https://example.org/sitemap.xml\"]\n";
    insta::assert_snapshot!(mistakes_after_minimal(text), @r#"
    4:17: source.listing_depth: 1001 is out of bounds; write a number from 1 to 1000
    5:12: source.timezone: "europe/berlin": no such time zone; write a name of the IANA time zone database, such as "Europe/Berlin"
    6:8: source.name: empty; write something or leave the key out
    7:22: source.extract.ignore: text instead of a list; write [".share"]
    8:30: source.confirm_removal.checks: 0 is out of bounds; write a number from 1 to 1000
    8:41: source.confirm_removal.after: "400d": longer than a year; write at most "366d"
    9:12: source.include: "news/**": not a path pattern; start it with a slash, such as "/news/**"
    10:12: source.schedule: "0 0 30 2 *": this day never comes; write a day of month that the month has
    12:6: source.id: "CSTO": not an id; write up to 64 of a-z, 0-9, _ and -, starting with a letter or figure
    "#);
}

#[test]
fn columns_count_characters() {
    insta::assert_snapshot!(mistakes_after_minimal("confirm_removal = { after = \"é\", checks = 0 } # ü\n"), @r#"
    4:29: source.confirm_removal.after: "é": not a duration; write a number with ms, s, m, h or d, such as "15m"
    4:43: source.confirm_removal.checks: 0 is out of bounds; write a number from 1 to 1000
    "#);
}

#[test]
fn durations_and_sizes() {
    let durations = ["250ms", "1s", "15m", "1h", "2d", "0s"].map(|text| value::duration(text).unwrap().as_millis());
    assert_eq!(durations, [250, 1000, 900_000, 3_600_000, 172_800_000, 0]);
    for text in ["", "5", "s", "1 h", "-1s", "1.5h", "1w", "99999999999999999999s", "18446744073709551615d"] {
        assert!(value::duration(text).is_err(), "{text}");
    }
    let sizes = ["16MiB", "500KB", "123", "1 KiB"].map(|text| value::size(text).unwrap());
    assert_eq!(sizes, [16 << 20, 500_000, 123, 1024]);
    for text in ["", "MiB", "0", "1TB", "-5", "1.5MiB", "18446744073709551615KiB"] {
        assert!(value::size(text).is_err(), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Config::load(Path::new("no/such/file.toml")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read the configuration no/such/file.toml: "), "{error}");
}

/// Takes every character out once, and every end off: whatever is left, mistakes have a place in the file.
#[test]
fn a_damaged_file_is_never_too_much() {
    let text = "[store]\npath = \"a\"\n[[source]]\nid = 'ü'\nlistings = [\"https://example.org/\", 5]\nconfirm_removal = \
                { checks = 0x2, after = \"1h\" }\n[source.extract]\nignore = [\"\"\"p\"\"\"]\n[[alert]]\nchannel = \"log\"\n";
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        for damaged in [format!("{}{rest}", &text[..at]), text[..at].to_owned()] {
            let Err(ConfigError::Mistakes { mistakes, .. }) = parse(&damaged) else { panic!("accepted {damaged}") };
            assert!(!mistakes.is_empty(), "{damaged}");
            for mistake in mistakes {
                let line = damaged.split('\n').nth(mistake.line - 1).unwrap_or_default();
                assert!((1..=line.chars().count() + 1).contains(&mistake.column), "{mistake} in {damaged}");
            }
        }
    }
}
