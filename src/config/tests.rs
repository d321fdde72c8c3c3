use super::*;
use crate::domain::recheck::Recheck;

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
    config/pressdiff.toml:6:11: fetch.timeout: "fast": no duration; write a number with ms, s, m, h or d, such as "15m"
    config/pressdiff.toml:10:42: source.listings: "example.org/more": no web address (relative URL without a base); write a whole address, such as "https://example.org/news/"
    config/pressdiff.toml:11:12: source.schedule: "61 * * * *": minute "61": not within 0 to 59; write 0 to 59, *, a range such as 1-5, */2 or a list
    config/pressdiff.toml:12:12: source.timezone: "Moscow": no such time zone; write a name of the IANA time zone database, such as "Europe/Moscow"
    config/pressdiff.toml:13:19: source.listing_depth: text instead of a number; write a number from 1 to 1000
    config/pressdiff.toml:16:11: source.extract.article: "div[": no CSS selector; write one such as ".news-detail" or "article > p"
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
fn the_shipped_file_is_right() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/pressdiff.toml");
    let config = Config::load(&shipped).unwrap();
    let source = &config.sources[0];
    let listings: Vec<_> = source.listings.iter().map(url::Url::as_str).collect();
    assert_eq!(listings, ["https://en.odkb-csto.org/news/", "https://en.odkb-csto.org/session/"]);
    assert_eq!((source.schedule.to_string().as_str(), source.timezone.name()), ("*/15 * * * *", "Europe/Moscow"));
    assert_eq!(config.alerts[0].channel, Channel::Log { path: None });
    assert_eq!(config.fetch, FetchConfig::default());
    assert_eq!(config.notes, Vec::<String>::new());
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
        .take_while(|line| !line.starts_with("# This version checks"))
        .map(|line| line.strip_prefix("# ").filter(|line| key(line) && !example(line)).unwrap_or(line))
        .collect();
    let (with, without) = (parse(&uncommented.join("\n")).unwrap(), parse(shipped).unwrap());
    assert!(uncommented.iter().filter(|line| key(line)).count() > 20);
    assert_eq!(format!("{with:?}"), format!("{without:?}"));
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
keywords = ["summit"]
mode = "immediate"
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
    let alert = AlertConfig {
        name: "desk".to_owned(),
        channel: Channel::Log { path: Some("config/out/events.jsonl".into()) },
        sources: vec![SourceId("a-1".to_owned())],
        kinds: vec![EventKind::Edited, EventKind::Removed],
        min_significance: Significance::Major,
        keywords: vec!["summit".to_owned()],
    };
    assert_eq!(config.alerts, [alert]);
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
    4:10: source.feeds: "/news/": no web address (relative URL without a base); write a whole address, such as "https://example.org/news/"
    4:20: source.feeds: "ftp://example.org/": not http or https; write a whole address, such as "https://example.org/news/"
    4:42: source.feeds: an address with user name or password; leave out what stands before the @
    4:77: source.feeds: "…": not http or https; write a whole address, such as "https://example.org/news/"
    4:93: source.feeds: a number instead of text in quotes; write a whole address, such as "https://example.org/news/"
    "#);
}

#[test]
fn what_this_version_does_not_do_is_not_accepted_in_silence() {
    let text = "[[alert]]\nname = \"desk\"\nchannel = \"email\"\nto = [\"desk@example.org\"]\ndigest = \"0 8 * * *\"\n\
                [[alert]]\nname = \"desk\"\nchannel = \"log\"\nto = []\nmode = \"digest\"\nkinds = [\"edit\", \"x\"]\n";
    insta::assert_snapshot!(mistakes_after_minimal(text), @r#"
    6:11: alert.channel: "email": this version has only the log channel; write "log"
    8:1: alert.digest: this version has no digests yet; leave it out: alerts come at once
    10:8: alert.name: "desk": used already in line 5; write a name of its own
    12:6: alert.to: the log channel has no recipients; leave it out, or write path = "…"
    13:8: alert.mode: "digest": this version delivers every alert at once; write "immediate" or leave it out
    14:10: alert.kinds: "edit": not known here; write "edited"
    14:18: alert.kinds: "x": not known here; write one of new, edited, removed, restored, moved, unlisted, site
    "#);
    let text = "[web]\nlisten = \"127.0.0.1:8787\"\n[smtp]\nhost = \"mail.example.org\"\nport = 587\ntls = \"starttls\"\n\
                username = \"pressdiff\"\npassword_file = \"/run/x\"\nfrom = \"pressdiff <alerts@example.org>\"\n";
    let config = parse(&format!("{MINIMAL}{text}")).unwrap();
    insta::assert_snapshot!(config.notes.join("\n"), @r#"
    [web] is checked but not used: this version does not serve review pages yet
    [smtp] is checked but not used: this version does not send mail yet
    "#);
}

#[test]
fn sections_that_are_not_used_yet_are_checked() {
    let text = "[web]\nlisten = \"localhost\"\n[smtp]\nhost = \"mail.example.org\"\nport = 99999\ntls = \"none\"\n\
                username = \"pressdiff\"\npassword = \"secret\"\nuser = \"x\"\n";
    let told = mistakes_after_minimal(text);
    assert!(!told.contains("secret"), "{told}");
    insta::assert_snapshot!(told, @r#"
    5:10: web.listen: "localhost": no address with port; write address and port, such as "127.0.0.1:8787"
    6:1: smtp.from: missing; write from = "pressdiff <alerts@example.org>"
    8:8: smtp.port: 99999 is out of bounds; write a number from 1 to 65535
    9:7: smtp.tls: mail would cross the network unencrypted; write "starttls" or "implicit"; "none" is for a server on this machine only
    11:1: smtp.password: passwords do not belong into this file; put it in a file that only this service can read and name that with password_file, or use password_env
    12:1: smtp.user: unknown key; known here: host, port, tls, username, password_file, password_env, from
    "#);
}

#[test]
fn values_are_bounded() {
    let text = "[fetch]\ncontact = \"nobody\"\nconcurrency = 257\nper_host_interval = 1\ntimeout = \"0s\"\nmax_body = \"2GiB\"\n\
                robots = \"yes\"\nallow_private_addresses = 1\nretry = true\n";
    insta::assert_snapshot!(mistakes_after_minimal(text), @r#"
    5:11: fetch.contact: "nobody": no contact; write a mail address or a web address, such as "desk@example.org"
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
    9:12: source.include: "news/**": no path pattern; start it with a slash, such as "/news/**"
    10:12: source.schedule: "0 0 30 2 *": this day never comes; write a day of month that the month has
    12:6: source.id: "CSTO": no id; write up to 64 of a-z, 0-9, _ and -, starting with a letter or figure
    "#);
}

#[test]
fn columns_count_characters() {
    insta::assert_snapshot!(mistakes_after_minimal("confirm_removal = { after = \"é\", checks = 0 } # ü\n"), @r#"
    4:29: source.confirm_removal.after: "é": no duration; write a number with ms, s, m, h or d, such as "15m"
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
