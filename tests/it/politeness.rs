//! What the user hears of pages that the site asks us to leave alone.

use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

/// A listing of six releases, of which robots.txt forbids those in a folder.
async fn site() -> Server {
    let server = Server::start().await;
    let path = |number: usize| if number < 2 { format!("/news/private/{number}/") } else { format!("/news/{number}/") };
    let items =
        (0..6).map(|number| format!("<li><a href={}>Report {number} of the harbour board</a></li>", path(number)));
    server.on("/news/", Answer::html(format!("<h1>News</h1><ul>{}</ul>", items.collect::<String>())));
    for number in 0..6 {
        let text =
            format!("<h1>Report {number} of the harbour board</h1><p>Season {number} brought {number}00 ships.</p>");
        server.on(&path(number), Answer::html(format!("<main><article>{text}</article></main>")));
    }
    server.on("/robots.txt", Answer::html("User-agent: *\nDisallow: /news/private/\n"));
    server
}

fn desk(server: &Server) -> Desk {
    Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"port\"\nlistings = [\"{}\"]\ninclude = [\"/news/*/\", \"/news/private/*/\"]\n",
        server.url("/news/")
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_robots_txt_forbids_is_said() {
    let server = site().await;
    let desk = desk(&server);
    tokio::task::block_in_place(|| {
        let ran = desk.run(&["check"]);
        assert!(ran.err.contains("robots.txt forbids reading 2 of the releases"), "{ran:#?}");
        assert!(ran.err.contains("4 of 6 releases read"), "{ran:#?}");
        assert!(desk.succeed(&["sources"]).contains("robots.txt forbids 2 releases"));
        let explained = desk.succeed(&["explain", server.url("/news/private/0/").as_str()]);
        assert!(explained.contains("robots.txt forbids /news/private/0/"), "{explained}");
    });
    assert!(server.requests().iter().all(|request| !request.path.starts_with("/news/private/")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_listing_is_said() {
    let server = site().await;
    server.on("/robots.txt", Answer::html("User-agent: *\nDisallow: /news/$\n"));
    let desk = desk(&server);
    tokio::task::block_in_place(|| {
        let ran = desk.run(&["check"]);
        assert!(ran.err.contains("robots.txt forbids /news/"), "{ran:#?}");
        assert_eq!(ran.status, 1);
    });
}
