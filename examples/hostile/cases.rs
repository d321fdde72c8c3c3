//! The attacks, by name.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

use crate::bodies::{around, bomb, pack, page};
use crate::server::Answer;

mod lists;

use lists::{feeds, lists, robots, sitemaps};

/// Which answer of the site is hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Release,
    Listing,
    Feed,
    Sitemap,
    Robots,
}

/// Makes the hostile answer for a path; the other argument is the port of a service of this machine.
type Attack = Box<dyn Fn(&str, u16) -> Answer + Send + Sync>;

/// One attack.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) answer: Attack,
    pub(crate) timeout: &'static str,
    pub(crate) depth: u32,
    /// It is about addresses, which says something only where the site has a public one.
    pub(crate) needs_public: bool,
}

impl Case {
    fn new(name: &'static str, place: Place, answer: impl Fn(&str, u16) -> Answer + Send + Sync + 'static) -> Self {
        Self { name, place, answer: Box::new(answer), timeout: "20s", depth: 5, needs_public: false }
    }

    /// Always the same answer, made once.
    fn fixed(name: &'static str, place: Place, answer: Answer) -> Self {
        Self::new(name, place, move |_, _| answer.clone())
    }

    fn release(name: &'static str, markup: &str) -> Self {
        Self::fixed(name, Place::Release, Answer::html(around(markup)))
    }

    fn endless(name: &'static str, write: fn(&mut TcpStream) -> io::Result<()>) -> Self {
        Self { timeout: "2s", ..Self::fixed(name, Place::Release, Answer::Endless(write)) }
    }

    /// Leads to another place than the site.
    fn leading(name: &'static str, location: impl Fn(u16) -> String + Send + Sync + 'static) -> Self {
        let answer = move |_: &str, port: u16| Answer::redirect(&location(port));
        Self { needs_public: true, timeout: "3s", ..Self::new(name, Place::Release, answer) }
    }
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [markup(), scripts(), text(), codings(), streams(), lists(), feeds(), sitemaps(), robots(), addresses()]
        .into_iter()
        .flatten()
        .collect()
}

/// Markup that costs a parser time or memory.
fn markup() -> Vec<Case> {
    let numbered = |count: usize, markup: fn(usize) -> String| (0..count).map(markup).collect::<String>();
    vec![
        Case::release("200,000 nested elements", &"<div>".repeat(200_000)),
        Case::release("nesting hidden by end tags in attributes", &"<div title='</div>'>".repeat(200_000)),
        Case::release("nesting hidden in svg title", &("<svg><title>".to_owned() + &"<div>".repeat(200_000))),
        Case::release("formatting bomb: p, b class=N, i × 2,000", &numbered(2_000, |n| format!("<p><b class={n}><i>"))),
        Case::release(
            "200 formatting elements, reopened in 1,000,000 paragraphs",
            &(numbered(200, |n| format!("<b class={n}>")) + &"<p>x".repeat(1_000_000)),
        ),
        Case::release("a tag with 500,000 attributes", &format!("<p {}>", numbered(500_000, |n| format!("a{n} ")))),
        Case::release("2,400 tags with 500 attributes", &{
            let tag = format!("<p {}>", (0..500).map(|number| format!("{number} ")).collect::<String>());
            tag.repeat(2_400)
        }),
        Case::release("480 open elements and 1,200,000 stray end tags", &{
            "<div>".repeat(480) + &"</p>".repeat(1_200_000)
        }),
        Case::release("1,000,000 tiny blocks", &"<p>x".repeat(1_000_000)),
        Case::release("190,000 tiny blocks", &"<p>x</p>\n".repeat(190_000)),
        Case::release("300,000 links in one paragraph", &"<a href=x>y</a>".repeat(300_000)),
        Case::release("a table of 600,000 cells", &format!("<table><tr>{}", "<td>x".repeat(600_000))),
    ]
}

/// What pages keep for their scripts.
fn scripts() -> Vec<Case> {
    let state = |json: &str| format!("<script type=\"application/json\">{json}</script>");
    let structured = |json: &str| format!("<script type=\"application/ld+json\">{json}</script>");
    let shell = |markup: &str| Answer::html(page("Wait", markup));
    let deep = |count: usize| format!("{}1{}", "[".repeat(count), "]".repeat(count));
    let nested: String = (0..60)
        .fold("\"& & a && ".to_owned() + &"&& a ".repeat(400_000) + "\"", |inner, _| format!("{{\"body\":{inner}}}"));
    let release = |name, answer| Case::fixed(name, Place::Release, answer);
    vec![
        release("16 MB of nested JSON state", shell(&state(&deep(8 << 20)))),
        release("2 MB of nested JSON state", shell(&state(&deep(1 << 20)))),
        release(
            "2 × 2 MB of tiny JSON objects",
            shell(&state(&format!("[{}{{}}]", "{\"\":0},".repeat(260_000))).repeat(2)),
        ),
        release(
            "1 MB of tiny objects in JSON-LD",
            shell(&structured(&format!("[{}{{}}]", "{\"\":0},".repeat(130_000))).repeat(4)),
        ),
        release("2 MB of text under 60 bodies of JSON", shell(&state(&nested))),
        release("JSON assigned 1,000,000 times", shell(&format!("<script>{}</script>", "a=[".repeat(600_000)))),
    ]
}

/// Text that costs time, or is none.
fn text() -> Vec<Case> {
    let release = |name, answer| Case::fixed(name, Place::Release, answer);
    let binary = |start: &[u8]| {
        [start, &(0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect::<Vec<_>>()]
            .concat()
    };
    let mixed =
        around("Caf\u{e9} and \u{043f}\u{043e}\u{0440}\u{0442} again").replace("again", &"\u{0444} ".repeat(20_000));
    vec![
        Case::release("1 MB in one line", &format!("<p>{}</p>", "word ".repeat(200_000))),
        Case::release("1 MB without a space", &format!("<p>{}</p>", "w".repeat(1 << 20))),
        Case::release("4 MB of what could begin a date", &format!("<p>{}</p>", "12 de de 1.1. ".repeat(290_000))),
        Case::release("400,000 dates", &"<p>12 March 2024</p>".repeat(190_000)),
        Case::release("a megabyte of combining marks", &format!("<p>e{}</p>", "\u{301}".repeat(500_000))),
        release("a title of 1 MB", Answer::html(page(&"The harbour ".repeat(90_000), "<p>The text.</p>"))),
        release("NUL bytes", Answer::html(around(&"a\0b".repeat(100_000)))),
        release(
            "broken UTF-8",
            Answer::html([around("").as_bytes(), &b"\xff\xc3\x28\xf0\x9f ".repeat(100_000)].concat()),
        ),
        release("UTF-8 labelled Shift_JIS", Answer::typed("text/html; charset=Shift_JIS", mixed.clone())),
        release("UTF-8 labelled UTF-16", Answer::typed("text/html; charset=utf-16", mixed)),
        release("a label that nobody knows", Answer::typed("text/html; charset=\"x-\u{7f}klingon", around(""))),
        release("a PDF as text/html", Answer::html(binary(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))),
        release("a PDF as application/pdf", Answer::typed("application/pdf", binary(b"%PDF-1.7\n"))),
        release("an image as text/html", Answer::html(binary(b"\x89PNG\r\n\x1a\n"))),
        release("a page of 6 MB", Answer::html(around(&"<p>Words of a long page. </p>".repeat(230_000)))),
    ]
}

/// Bodies that grow.
fn codings() -> Vec<Case> {
    let coded = |name, codings: &str, body| {
        Case::fixed(
            name,
            Place::Release,
            Answer::with(&format!("Content-Type: text/html\r\nContent-Encoding: {codings}"), body),
        )
    };
    let twice = pack("gzip", |writer| writer.write_all(&bomb("gzip")));
    vec![
        coded("1 GB as gzip", "gzip", bomb("gzip")),
        coded("1 GB as br", "br", bomb("br")),
        coded("1 GB as zstd", "zstd", bomb("zstd")),
        coded("1 GB as gzip in gzip", "gzip, gzip", twice),
        coded("no gzip at all", "gzip", b"<p>Plain words.</p>".to_vec()),
    ]
}

/// Answers that do not end.
fn streams() -> Vec<Case> {
    let long =
        |line: &str, count: usize| format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{}", line.repeat(count));
    let head = |name, head: String| {
        Case::fixed(name, Place::Release, Answer::Whole { head, body: around("").into_bytes().into() })
    };
    let redirects = Case::new("endless redirects", Place::Release, |path, _| {
        let number: u64 = path.trim_matches('/').rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Answer::redirect(&format!("/trap/{}", number + 1))
    });
    vec![
        Case::endless("endless body, a byte a second", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
            loop {
                stream.write_all(b"x")?;
                sleep(Duration::from_secs(1));
            }
        }),
        Case::endless("endless body, as fast as it goes", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
            loop {
                stream.write_all(&[b'x'; 65_536])?;
            }
        }),
        Case::endless("endless headers", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            loop {
                stream.write_all(&b"X-More: and more\r\n".repeat(100))?;
            }
        }),
        Case::endless("an endless header line", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-More: ")?;
            loop {
                stream.write_all(&[b'x'; 65_536])?;
            }
        }),
        Case::endless("endless chunk sizes", |stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(&[b'0'; 65_536])?;
            }
        }),
        Case::endless("endless informational answers", |stream| {
            loop {
                stream.write_all(&b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100))?;
            }
        }),
        Case::endless("an answer that is not HTTP", |stream| stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n")),
        head("headers of 1 MB, in 100 lines", long(&format!("X-Long: {}\r\n", "x".repeat(10_400)), 98)),
        head("headers of 300 KB, in 90 lines", long(&format!("X-Long: {}\r\n", "x".repeat(3_400)), 90)),
        redirects,
        Case::fixed("a redirect to itself", Place::Release, Answer::redirect("/news/hostile/")),
        Case::fixed("a redirect to an address of 100 KB", Place::Release, Answer::redirect(&"/x".repeat(50_000))),
        Case::fixed("a redirect to an address of 1 MB", Place::Release, Answer::redirect(&"/x".repeat(500_000))),
    ]
}

/// Ways to this machine and its neighbours.
fn addresses() -> Vec<Case> {
    vec![
        Case::leading("a redirect to [::ffff:127.0.0.1]", |port| format!("http://[::ffff:127.0.0.1]:{port}/")),
        Case::leading("a redirect to 2130706433", |port| format!("http://2130706433:{port}/")),
        Case::leading("a redirect to 0x7f.1", |port| format!("http://0x7f.1:{port}/")),
        Case::leading("a redirect to 0.0.0.0", |port| format!("http://0.0.0.0:{port}/")),
        Case::leading("a redirect to localhost", |port| format!("http://localhost:{port}/")),
        Case::leading("a redirect to [::1]", |port| format!("http://[::1]:{port}/")),
        Case::leading("a redirect to 169.254.169.254", |_| "http://169.254.169.254/latest/meta-data/".to_owned()),
        Case::leading("a redirect to the SSH port of this machine", |_| "http://127.0.0.1:22/".to_owned()),
        Case::leading("a redirect to a file", |_| "file:///etc/passwd".to_owned()),
        Case::leading("a name with a private address", |port| format!("http://home.test:{port}/")),
        Case::leading("a name that is private on the second look-up", |port| format!("http://rebind.test:{port}/")),
    ]
}
