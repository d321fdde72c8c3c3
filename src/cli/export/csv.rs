//! Releases and events as comma-separated values (RFC 4180), in one table whose first column says which of the two a
//! row is. Spreadsheets take text that begins like a formula for one; such text gets an apostrophe in front.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::Part;
use super::lines::{filter, sources};
use crate::domain::model::{RecordedEvent, Release};
use crate::domain::word::word;
use crate::store::Store;

const COLUMNS: &str =
    "row,id,source,at,kind,url,old_url,title,day,state,fields,significance,reasons,summary,old_version,new_version";

/// Releases of each source, then events. Returns how many rows there are under the headings.
pub(super) async fn write(output: &mut impl Write, store: &Store, part: &Part) -> anyhow::Result<u64> {
    let mut rows = 0;
    write!(output, "{COLUMNS}\r\n")?;
    for source in sources(store, part).await? {
        for release in store.list_releases(&source).await? {
            write_row(output, &release_row(&release))?;
            rows += 1;
        }
    }
    let mut filter = filter(part);
    loop {
        let events = store.list_events(filter.clone()).await?;
        let Some(last) = events.last() else { return Ok(rows) };
        filter.after = Some(last.id);
        events.iter().try_for_each(|event| write_row(output, &event_row(event)))?;
        rows += events.len() as u64;
    }
}

fn write_row(output: &mut impl Write, cells: &[String]) -> anyhow::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
    Ok(write!(output, "{}\r\n", cells.join(","))?)
}

/// Always quoted where anything could be misread.
fn quote(cell: &str) -> String {
    let is_formula =
        cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let mark = if is_formula { "'" } else { "" };
    if is_formula || cell.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{mark}{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn release_row(release: &Release) -> [String; 16] {
    let versions = release.latest.as_ref().map(|latest| latest.number.to_string()).unwrap_or_default();
    let day = release.day.map(|day| day.to_string()).unwrap_or_default();
    let (id, source, at, url) =
        (release.id.to_string(), release.source.to_string(), second(release.found_at), release.url.to_string());
    let nothing = String::new;
    [
        "release".to_owned(),
        id,
        source,
        at,
        nothing(),
        url,
        nothing(),
        release.title.clone(),
        day,
        word(&release.state),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        nothing(),
        versions,
    ]
}

fn event_row(recorded: &RecordedEvent) -> [String; 16] {
    let event = &recorded.event;
    let old_url = event.old_url.as_ref().map(ToString::to_string).unwrap_or_default();
    let version = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        "event".to_owned(),
        recorded.id.to_string(),
        event.source.to_string(),
        second(event.at),
        word(&event.kind),
        event.url.to_string(),
        old_url,
        event.title.clone(),
        String::new(),
        String::new(),
        words(&event.fields),
        word(&event.significance),
        words(&event.reasons),
        event.summary.clone(),
        version(event.old_version),
        version(event.new_version),
    ]
}

fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn words<T: Serialize>(values: &[T]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula_or_ends_it() {
        for (cell, written) in [
            ("plain", "plain"),
            ("one, two", "\"one, two\""),
            ("a \"quoted\" word", "\"a \"\"quoted\"\" word\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("two\r\nlines", "\"two\r\nlines\""),
        ] {
            assert_eq!(quote(cell), written);
        }
    }
}
