//! `docs/diff.schema.json` describes what `diff --format json` prints. The few keywords that it uses are read here,
//! strictly: what the schema does not name must not be printed.

use pressdiff::domain::diff::diff;
use pressdiff::domain::model::{Block, BlockKind, Document, Image, Link, ShownDate};
use pressdiff::domain::render::json;
use serde_json::{Value, json as value};

const SCHEMA: &str = include_str!("../../docs/diff.schema.json");

#[test]
fn every_part_of_a_change_is_in_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let (old, new) = documents();
    for (old, new) in [(&old, &new), (&new, &old), (&old, &old)] {
        let change = json(&diff(old, new));
        assert_eq!(check(&schema, &schema, &change), Ok(()), "{change:#}");
    }
    let mut wrong = json(&diff(&old, &new));
    wrong["blocks"][0]["edit"] = value!("vanished");
    assert!(check(&schema, &schema, &wrong).is_err());
    let mut unknown = json(&diff(&old, &new));
    unknown["extra"] = value!(1);
    assert!(check(&schema, &schema, &unknown).is_err());
}

/// Two documents with every kind of block, edit and item between them.
fn documents() -> (Document, Document) {
    let block = |kind, text: &str| Block { kind, text: text.to_owned() };
    let old = Document {
        title: "Talks".into(),
        date: Some(ShownDate { text: "21.03.2024".into(), day: "2024-03-21".parse().ok() }),
        blocks: vec![
            block(BlockKind::Heading, "A heading that stays"),
            block(BlockKind::Paragraph, "Heavy rain fell on the whole coast on Monday."),
            block(
                BlockKind::Paragraph,
                "The talks in the \"old\" town hall took much longer than planned, at 5 tables.",
            ),
            block(BlockKind::TableRow, "North\t12"),
            block(BlockKind::Quote, "Gone words of a quotation that nobody misses."),
        ],
        links: vec![Link { text: "old report".into(), target: "https://example.org/1".into() }],
        images: vec![Image { source: "https://example.org/hall.jpg".into(), alt: "Hall".into() }],
        contacts: vec!["+7 495 795-27-10".into()],
    };
    let new = Document {
        title: "Long talks".into(),
        date: None,
        blocks: vec![
            old.blocks[0].clone(),
            block(BlockKind::Paragraph, "The talks in the “old” town hall took much longer than planned, at 6 tables."),
            block(BlockKind::TableRow, "North\t14"),
            old.blocks[1].clone(),
            block(BlockKind::ListItem, "A new item, which nothing else resembles"),
        ],
        links: vec![Link { text: "other words".into(), target: "https://example.org/2".into() }],
        images: vec![],
        contacts: vec!["+7 495 795-27-44".into(), "press@example.org".into()],
    };
    (old, new)
}

/// Whether a value is as a schema says, whose references lead into `root`.
pub(crate) fn check(root: &Value, schema: &Value, found: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return check(root, &root["$defs"][name.trim_start_matches("#/$defs/")], found);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|choice| check(root, choice, found).is_ok()).count();
        return if fitting == 1 { Ok(()) } else { Err(format!("{fitting} choices fit {found}")) };
    }
    let wrong = || Err(format!("{found} is not as in {schema}"));
    if schema.get("const").is_some_and(|only| only != found) {
        return wrong();
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(found)) {
        return wrong();
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !types.is_empty() && !types.contains(&type_of(found)) {
        return wrong();
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if required.into_iter().any(|name| found.get(name).is_none()) {
        return wrong();
    }
    for item in found.as_array().into_iter().flatten() {
        check(root, &schema["items"], item)?;
    }
    for (name, part) in found.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name).ok_or_else(|| format!("{name} is not in the schema"))?;
        check(root, known, part)?;
    }
    Ok(())
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
