//! `pressdiff diff`: what changed between two versions of a release, or between two files.

mod files;
mod pager;
mod versions;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::failure::{Status, UsageError};
use super::session::Session;
use crate::domain::diff::diff;
use crate::domain::model::Document;
use crate::domain::render::{Heading, TerminalOptions, html, json, terminal, unified};

/// Show what changed between two versions of a release, or between two files.
///
/// Shows what changed for a reader. For an address: from the version before the latest to the latest. Versions that
/// only our own reading of the page has made are passed over.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// Number of an event, or an address of a release
    #[arg(value_name = "EVENT|URL", required_unless_present = "files")]
    target: Option<String>,
    /// Compare two local files instead, HTML or plain text
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with_all = ["target", "from", "to"])]
    files: Option<Vec<PathBuf>>,
    /// Version to start from
    #[arg(long, value_name = "VERSION")]
    from: Option<u32>,
    /// Version to end at
    #[arg(long, value_name = "VERSION")]
    to: Option<u32>,
    /// How to show it [default: text on a terminal or with --full or --side-by-side, otherwise unified]
    #[arg(long, value_enum)]
    format: Option<DiffFormat>,
    #[command(flatten)]
    text: TextForm,
    /// Do not show a long change in $PAGER
    #[arg(long)]
    no_pager: bool,
}

/// How the form for people looks.
#[derive(Debug, Args)]
struct TextForm {
    /// Show the unchanged paragraphs too; for text only
    #[arg(long)]
    full: bool,
    /// Show old and new text side by side; for text only (the HTML page shows both anyway)
    #[arg(long)]
    side_by_side: bool,
    /// Mark words with brackets instead of colour
    #[arg(long)]
    no_color: bool,
}

/// Forms of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// Word by word, for people
    Text,
    /// A page for the browser
    Html,
    /// For programs
    Json,
    /// As `diff -u` prints it
    Unified,
}

/// Two documents to be compared, with what they are called.
struct Pair {
    old: Document,
    new: Document,
    heading: Heading,
}

impl Diff {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        self.check_form()?;
        let pair = match (&self.files, &self.target) {
            (Some(files), _) => files::read(files)?,
            (None, Some(target)) => versions::read(target, self.from, self.to, session).await?,
            (None, None) => unreachable!("clap asks for one of both"),
        };
        let text = self.render(&pair, session);
        if text.is_empty() {
            session.output.note("no difference for a reader");
        }
        if !self.no_pager && session.output.is_terminal && pager::show(&text) {
            return Ok(Status::Done);
        }
        session.output.print(&text)?;
        Ok(Status::Done)
    }

    /// What is for people in the terminal means nothing in the other forms.
    fn check_form(&self) -> Result<(), UsageError> {
        let option = [(self.text.full, "--full"), (self.text.side_by_side, "--side-by-side")];
        match option.iter().find(|(is_set, _)| *is_set) {
            Some((_, name)) if self.format.is_some_and(|format| format != DiffFormat::Text) => {
                Err(UsageError(format!("{name} is for --format text only")))
            }
            _ => Ok(()),
        }
    }

    fn render(&self, pair: &Pair, session: &Session) -> String {
        let by_default = if session.output.is_terminal || self.text.full || self.text.side_by_side {
            DiffFormat::Text
        } else {
            DiffFormat::Unified
        };
        let Pair { old, new, heading } = pair;
        match self.format.unwrap_or(by_default) {
            DiffFormat::Text => self.render_text(pair, session),
            DiffFormat::Html => html(&diff(old, new), heading),
            DiffFormat::Json => json(&diff(old, new)).to_string(),
            // What a reader does not see, such as another kind of quotation marks, is no difference in any form.
            DiffFormat::Unified if diff(old, new).is_empty() => String::new(),
            DiffFormat::Unified => unified(old, new, &heading.old_label, &heading.new_label),
        }
    }

    fn render_text(&self, pair: &Pair, session: &Session) -> String {
        let change = diff(&pair.old, &pair.new);
        if change.is_empty() && !self.text.full {
            return String::new();
        }
        let options = TerminalOptions {
            width: session.output.width,
            color: session.output.colour && !self.text.no_color,
            full: self.text.full,
            side_by_side: self.text.side_by_side,
        };
        terminal(&change, &options)
    }
}
