//! The API keeps to its description.

use pressdiff::web::Web;
use serde_json::Value;

use super::site::{Pages, hostile_day};

fn description() -> Value {
    serde_json::from_str(Web::OPENAPI).unwrap()
}

async fn read(pages: &Pages, path: &str) -> Value {
    let answer = pages.request(path).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// Every member that a schema requires is there.
fn assert_fits(value: &Value, schema: &Value, whole: &Value) {
    if let Some(name) = schema["$ref"].as_str() {
        return assert_fits(value, whole.pointer(name.trim_start_matches('#')).unwrap(), whole);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        assert_fits(value, part, whole);
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{name} is missing in {value}");
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        for item in value[name].as_array().into_iter().flatten().filter(|_| schema.get("items").is_some()) {
            assert_fits(item, &schema["items"], whole);
        }
        if let Some(words) = schema["enum"].as_array() {
            assert!(words.contains(&value[name]), "{name}: {value}");
        }
    }
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let described =
        description()["paths"].as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    let served = Web::paths().into_iter().filter(|path| path.starts_with("/api/")).map(str::to_owned).collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 2).await;
    let whole = description();
    for (path, item) in whole["paths"].as_object().unwrap() {
        let mut asked = path.replace("{id}", "2").replace("{number}", "1");
        if path == "/api/v1/releases/{id}/change" {
            asked.push_str("?from=1&to=2");
        }
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert_fits(&read(&pages, &asked).await, schema, &whole);
    }
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_filtered() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 3).await;
    let first = read(&pages, "/api/v1/events?limit=4").await;
    assert_eq!((first["events"].as_array().unwrap().len(), &first["next_after"]), (4, &Value::from(4)));
    let rest = read(&pages, "/api/v1/events?limit=4&after=4").await;
    assert_eq!((rest["events"].as_array().unwrap().len(), &rest["next_after"]), (2, &Value::Null));
    let edited = read(&pages, "/api/v1/events?kind=edited&source=harbour").await;
    assert_eq!(edited["events"].as_array().unwrap().len(), 3);
    assert_eq!(read(&pages, "/api/v1/releases?before=3&state=present").await["releases"][0]["id"], 2);
    let versions = read(&pages, "/api/v1/releases/1/versions?limit=1").await;
    assert_eq!((&versions["versions"][0]["number"], &versions["next_after"]), (&Value::from(1), &Value::from(1)));
    let rest = read(&pages, "/api/v1/releases/1/versions?after=1").await;
    assert_eq!((&rest["versions"][0]["number"], &rest["next_after"]), (&Value::from(2), &Value::Null));
    let change = read(&pages, "/api/v1/events/2/change").await;
    assert_eq!(change["fields"], serde_json::json!(["body", "links"]));
}

#[tokio::test]
async fn mistakes_are_told_as_json() {
    let pages = Pages::open().await;
    for (path, status) in [
        ("/api/v1/events?limit=0", 400),
        ("/api/v1/events?limit=x", 400),
        ("/api/v1/events?kind=gone", 400),
        ("/api/v1/events?after=-1", 400),
        ("/api/v1/releases?before=-1", 400),
        ("/api/v1/releases/1/versions?limit=1001", 400),
        ("/api/v1/releases/1/versions?after=-1", 400),
        ("/api/v1/releases?state=x", 400),
        ("/api/v1/events/7", 404),
        ("/api/v1/events/x", 404),
        ("/api/v1/releases/1/change", 400),
        ("/api/v1/releases/9223372036854775808", 404),
    ] {
        let answer = pages.request(path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(told["error"].is_string(), "{path}");
    }
}
