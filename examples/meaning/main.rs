//! Prints how well the judgement on edits agrees with a person's, by significance and by reason:
//!
//!     cargo run --example meaning
//!
//! The labelled edits are `tests/fixtures/meaning/edits.jsonl`; another file may be named as argument. Each edit
//! that is judged in another way is listed below the table.

mod score;

use std::io::Write as _;

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| score::FIXTURE.to_owned());
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let report = score::Report::new(&score::parse_edits(&text)?);
    write!(std::io::stdout(), "{report}")?;
    Ok(())
}
