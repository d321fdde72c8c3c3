//! Records that say that an answer is one that another record holds, and records whose date is not to the second.

use super::*;

const ID: &str = "<urn:uuid:0f3c2a44-0000-4000-8000-000000000001>";

fn desk_with(archive: &str) -> (Desk, Ran) {
    let desk = desk();
    fs::write(desk.path("a.warc"), archive).unwrap();
    let ran = desk.run(&["import", desk.path("a.warc").to_str().unwrap()]);
    (desk, ran)
}

fn edits(desk: &Desk) -> Vec<String> {
    events(desk).iter().map(|event| event["at"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_revisit_finds_what_it_repeats_by_any_of_its_names() {
    let release = |at: &str, ships: u32, fields: &str| {
        record("response", at, "/news/pilots/", fields, &answer(200, &page("pilots", ships, 1)))
    };
    let id = format!("WARC-Record-ID: {ID}\r\n");
    let cases = [
        // The original has no digest.
        "WARC-Payload-Digest: sha1:ABC\r\nWARC-Refers-To-Target-URI: https://harbour.example/news/pilots/\r\n\
         WARC-Refers-To-Date: 2019-03-01T10:00:00Z\r\n"
            .to_owned(),
        "WARC-Refers-To-Date: 2019-03-01T10:00:00Z\r\n".to_owned(),
        format!("WARC-Refers-To: {ID}\r\n"),
        format!("WARC-Payload-Digest: sha1:ABC\r\nWARC-Refers-To: {ID}\r\n"),
    ];
    for fields in cases {
        let revisit = |at: &str| record("revisit", at, "/news/pilots/", &fields, "");
        let archive = [
            release("2019-03-01T10:00:00Z", 12, &id),
            release("2019-04-01T10:00:00Z", 14, ""),
            revisit("2019-05-01T10:00:00Z"),
            revisit("2019-06-01T10:00:00Z"),
        ];
        let (desk, ran) = desk_with(&archive.concat());
        assert_eq!(ran.status, 0, "{fields} {ran:#?}");
        assert_eq!(snapshots(&desk).len(), 4, "{fields} {ran:#?}");
        assert_eq!(edits(&desk).last().unwrap(), "2019-05-01T10:00:00Z", "{fields}");
    }
    let nothing = record("revisit", "2019-05-01T10:00:00Z", "/news/pilots/", "", "");
    let (desk, ran) = desk_with(&(release("2019-03-01T10:00:00Z", 12, "") + &nothing));
    assert!(ran.status == 0 && ran.err.contains("1 say only that nothing changed"), "{ran:#?}");
    assert_eq!(snapshots(&desk).len(), 1);
}

#[test]
fn a_day_is_a_date_and_a_capture_without_one_is_broken() {
    let release =
        |at: &str, ships: u32| record("response", at, "/news/pilots/", "", &answer(200, &page("pilots", ships, 1)));
    let archive = [release("2019-03", 12), release("2019-04-01", 14), release("2019-05-01T10:00Z", 14)].concat();
    let (desk, ran) = desk_with(&archive);
    assert_eq!((ran.status, edits(&desk)), (0, vec!["2019-04-01T00:00:00Z".to_owned()]));
    let (desk, ran) = desk_with(&(release("yesterday", 11) + &archive));
    let told = "a.warc: the record at byte 0 has no date that can be read, but \"yesterday\"";
    assert!(ran.status == 1 && ran.err.contains(told), "{ran:#?}");
    assert_eq!(edits(&desk).len(), 1);
}
