//! `pressdiff token`: made and printed once, listed, taken away.

use std::fs;

use pressdiff::store::Store;

use crate::support::program::Desk;

#[test]
fn a_token_is_printed_once_and_only_its_hash_is_kept() {
    let desk = Desk::configured("[[source]]\nid = \"harbour\"\npages = [\"https://harbour.example/\"]\n");
    drop(Store::open(&desk.path("pressdiff.db")).unwrap());
    let made = desk.run(&["token", "create", "reader"]);
    let token = made.out.trim();
    assert!(made.status == 0 && token.starts_with("pressdiff_") && token.len() == 53, "{made:#?}");
    assert!(made.err.contains("cannot be shown again") && made.err.contains("no password"), "{}", made.err);
    assert!(!fs::read(desk.path("pressdiff.db")).unwrap().windows(token.len()).any(|part| part == token.as_bytes()));
    let again = desk.run(&["token", "create", "reader"]);
    assert!(again.status == 2 && again.out.is_empty() && again.err.contains("already"), "{again:#?}");
    assert_eq!(desk.run(&["token", "create", " \n"]).status, 2);

    let listed = desk.succeed(&["token", "list"]);
    assert!(listed.contains("reader") && listed.contains("never") && !listed.contains(token), "{listed}");
    let line: serde_json::Value = serde_json::from_str(&desk.succeed(&["token", "list", "--format", "jsonl"])).unwrap();
    assert_eq!((&line["name"], &line["used_at"]), (&"reader".into(), &serde_json::Value::Null));

    assert!(desk.run(&["token", "revoke", "reader"]).err.contains("revoked"));
    let unknown = desk.run(&["token", "revoke", "reader"]);
    assert!(unknown.status == 1 && unknown.err.contains("no token named reader"), "{unknown:#?}");
    assert!(desk.run(&["token", "list"]).err.contains("no access tokens"));
}
