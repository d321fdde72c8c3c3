//! Which captures are of releases, and what is said of those that are not.

use super::*;

/// Three captures of a release, of which the second has another text, and one of each of some others.
fn of_a_release() -> String {
    let release = |at: &str, slug: &str, ships: u32| {
        record("response", at, &format!("/news/{slug}/"), "", &answer(200, &page(slug, ships, 1)))
    };
    let others = ["cranes", "tugs", "locks"].map(|slug| release("2019-01-01T10:00:00Z", slug, 5)).concat();
    let own = [("2019-02-01T10:00:00Z", 12), ("2019-03-01T10:00:00Z", 14), ("2019-04-01T10:00:00Z", 14)];
    others + &own.map(|(at, ships)| release(at, "pilots", ships)).concat()
}

fn desk_including(include: &str) -> Desk {
    Desk::configured(&format!(
        "[store]\npath = \"pressdiff.db\"\n[[source]]\nid = \"harbour\"\nlistings = [\"https://harbour.example/news/\"]\n{include}\n"
    ))
}

fn import(desk: &Desk, archive: &str) -> Ran {
    fs::write(desk.path("a.warc"), archive).unwrap();
    let ran = desk.run(&["import", desk.path("a.warc").to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    ran
}

fn releases(desk: &Desk) -> Vec<String> {
    let listed = desk.succeed(&["releases"]);
    let mut urls: Vec<String> =
        listed.split_whitespace().filter_map(|word| Some(word.split_once("//")?.1.to_owned())).collect();
    urls.sort();
    urls
}

const RELEASES: [&str; 4] = [
    "harbour.example/news/cranes/",
    "harbour.example/news/locks/",
    "harbour.example/news/pilots/",
    "harbour.example/news/tugs/",
];

#[test]
fn a_capture_below_a_release_costs_none_of_the_release() {
    let picture = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\nJFIF";
    let text = answer(200, &page("pilots", 12, 1));
    let below: [(&str, &str); 8] = [
        ("photo.jpg", picture),
        ("photo", picture),
        ("?share=twitter", &text),
        ("?replytocom=17", &text),
        ("amp/", &text),
        ("feed/", &text),
        ("page/2/", &text),
        ("xyz/", &answer(404, "gone")),
    ];
    for include in ["include = [\"/news/**\"]", ""] {
        for (path, content) in below {
            let desk = desk_including(include);
            let more = record("response", "2019-02-01T10:00:01Z", &format!("/news/pilots/{path}"), "", content);
            import(&desk, &(of_a_release() + &more));
            assert_eq!(releases(&desk), RELEASES, "{path} {include}");
            let events = events(&desk);
            assert!(events.len() == 1 && events[0]["kind"] == "edited", "{path} {include} {events:?}");
        }
    }
}

#[test]
fn pages_that_are_no_releases_are_named() {
    let about = |path: &str| record("response", "2019-02-01T10:00:00Z", path, "", &answer(200, &page("us", 1, 1)));
    let archive = of_a_release() + &["/about/", "/about/team/", "/about/", "/jobs/"].map(about).concat();
    let desk = desk_including("");
    let ran = import(&desk, &archive);
    assert_eq!(releases(&desk), RELEASES);
    let told = "pages that are taken for no releases: 3, such as https://harbour.example/about/, ";
    assert!(ran.err.contains(told), "{}", ran.err);
    let ran = desk.run(&["-v", "import", desk.path("a.warc").to_str().unwrap()]);
    assert!(ran.err.contains("url=https://harbour.example/jobs/"), "{}", ran.err);
}

#[test]
fn pages_of_other_sites_are_passed_over_and_the_sites_named() {
    let foreign = |host: &str, number: u32| {
        let text = answer(200, &page("elsewhere", number, 1));
        let path = format!("/news/story-{number}/");
        record("response", "2019-02-01T10:00:00Z", &path, "", &text).replace("harbour.example", host)
    };
    let www = record("response", "2019-05-01T10:00:00Z", "/news/pilots/", "", &answer(200, &page("pilots", 15, 1)))
        .replace("https://harbour.example", "http://www.harbour.example");
    let others = (1..5).map(|number| foreign("tower.example", number)).chain([foreign("en.harbour.example", 1)]);
    for include in ["include = [\"/news/**\"]", ""] {
        let desk = desk_including(include);
        let ran = import(&desk, &(of_a_release() + &others.clone().collect::<String>() + &www));
        assert_eq!(releases(&desk), RELEASES, "{include}");
        assert_eq!(events(&desk).len(), 2, "{include}");
        let told = "other sites that are passed over: 5, of tower.example (4), en.harbour.example (1)";
        assert!(ran.err.contains(told), "{}", ran.err);
    }
}
