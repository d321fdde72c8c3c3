//! The text of a page, once in one column and once in two. Rows stand in tables, items in lists, moved text names
//! and links its other place, unchanged text is folded away.

use std::fmt::Write as _;

use super::MARKS;
use crate::domain::diff::{BlockEdit, SpanKind};
use crate::domain::model::BlockKind;
use crate::domain::render::columns::{Line, Row, all_parts, lines, new_parts, old_parts};
use crate::domain::render::{Shown, fold, folded_note};

type PartsOf = fn(&BlockEdit) -> Vec<(SpanKind, &str)>;

/// The change in one column; what is folded can be unfolded.
pub(super) fn inline(blocks: &[BlockEdit]) -> String {
    let mut column = Column::new("b", all_parts);
    for shown in fold(blocks, false) {
        match shown {
            Shown::Block(index, edit) => column.block(index, edit),
            Shown::Folded(range) => {
                column.close();
                let mut hidden = Column::new("b", all_parts);
                range.clone().for_each(|index| hidden.block(index, &blocks[index]));
                let (note, hidden) = (folded_note(range.len()), hidden.finish());
                let _ = writeln!(column.html, "<details><summary>{note}</summary>\n{hidden}</details>");
            }
        }
    }
    column.finish()
}

/// The change in two columns.
pub(super) fn side_by_side(blocks: &[BlockEdit], old_label: &str, new_label: &str) -> String {
    let mut table = format!(
        "<table class=\"sides\">\n<thead><tr><th scope=\"col\">{old_label}</th><th scope=\"col\">{new_label}</th></tr></thead>\n"
    );
    let lines = lines(fold(blocks, false));
    let mut rest = &lines[..];
    while let Some(line) = rest.first() {
        let mut taken = 1;
        match line {
            Line::Folded(range) => {
                let _ = writeln!(table, "<tr><td colspan=\"2\" class=\"note\">{}</td></tr>", folded_note(range.len()));
            }
            Line::Row(_) => {
                // The rows of a table, or the items of a list, stand together.
                taken = rest.iter().take_while(|next| continues(line, next)).count().max(1);
                let side = |id, parts_of: PartsOf, place: fn(&Row<'_>) -> Option<usize>| {
                    let mut column = Column::new(id, parts_of);
                    let rows = rest[..taken]
                        .iter()
                        .filter_map(|line| if let Line::Row(row) = line { Some(row) } else { None });
                    rows.filter_map(place).for_each(|index| column.block(index, &blocks[index]));
                    column.finish()
                };
                let old = side("o", old_parts, |row| row.old.map(|(index, _)| index));
                let new = side("n", new_parts, |row| row.new.map(|(index, _)| index));
                let _ = writeln!(table, "<tr><td>{}</td><td>{}</td></tr>", old.trim_end(), new.trim_end());
            }
        }
        rest = &rest[taken..];
    }
    table + "</table>\n"
}

/// Whether a line belongs to the same table as another.
fn continues(first: &Line<'_>, next: &Line<'_>) -> bool {
    let kind = |line: &Line<'_>| match line {
        Line::Row(row) => row.old.or(row.new).map(|(_, edit)| edit.kind()),
        Line::Folded(_) => None,
    };
    kind(first) == Some(BlockKind::TableRow) && kind(next) == kind(first)
}

/// Blocks one below the other.
struct Column {
    html: String,
    /// What the ids of the blocks begin with.
    id: &'static str,
    parts_of: PartsOf,
    /// The table or list that is open.
    inside: Option<&'static str>,
}

impl Column {
    fn new(id: &'static str, parts_of: PartsOf) -> Self {
        Self { html: String::new(), id, parts_of, inside: None }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }

    fn close(&mut self) {
        if let Some(open) = self.inside.take() {
            let _ = writeln!(self.html, "</{open}>");
        }
    }

    fn block(&mut self, index: usize, edit: &BlockEdit) {
        let (around, tag) = match edit.kind() {
            BlockKind::TableRow => (Some("table"), "tr"),
            BlockKind::ListItem => (Some("ul"), "li"),
            BlockKind::Heading => (None, "h2"),
            BlockKind::Quote => (None, "blockquote"),
            BlockKind::Paragraph => (None, "p"),
        };
        if self.inside != around {
            self.close();
            if let Some(open) = around {
                let _ = writeln!(self.html, "<{open}>");
            }
            self.inside = around;
        }
        let (id, class, content) = (self.id, class(edit), self.content(index, edit, tag));
        let _ = writeln!(self.html, "<{tag} id=\"{id}{index}\" class=\"{class}\" dir=\"auto\">{content}</{tag}>");
    }

    fn content(&self, index: usize, edit: &BlockEdit, tag: &str) -> String {
        let (note, parts) = (self.moved(index, edit).unwrap_or_default(), (self.parts_of)(edit));
        if tag != "tr" {
            return format!("{note}{}", MARKS.inline(&parts));
        }
        let cells = MARKS.cells(&parts);
        let cell = |(at, cell)| format!("<td dir=\"auto\">{}{cell}</td>", if at == 0 { note.as_str() } else { "" });
        cells.iter().enumerate().map(cell).collect()
    }

    /// A link between both places of a moved block.
    fn moved(&self, index: usize, edit: &BlockEdit) -> Option<String> {
        let (other, words) = match edit {
            BlockEdit::MovedAway { to, .. } if *to > index => (to, "moved down ↓"),
            BlockEdit::MovedAway { to, .. } => (to, "moved up ↑"),
            BlockEdit::MovedHere { from, .. } if *from < index => (from, "moved here from above ↑"),
            BlockEdit::MovedHere { from, .. } => (from, "moved here from below ↓"),
            BlockEdit::Equal { .. }
            | BlockEdit::Changed { .. }
            | BlockEdit::Added { .. }
            | BlockEdit::Removed { .. } => return None,
        };
        // In two columns the other place stands in the other column.
        let id = match self.id {
            "o" => "n",
            "n" => "o",
            same => same,
        };
        Some(format!("<a href=\"#{id}{other}\">{words}</a> "))
    }
}

fn class(edit: &BlockEdit) -> &'static str {
    match edit {
        BlockEdit::Equal { .. } => "equal",
        BlockEdit::Changed { .. } => "changed",
        BlockEdit::Added { .. } => "added",
        BlockEdit::Removed { .. } => "removed",
        BlockEdit::MovedAway { .. } => "moved away",
        BlockEdit::MovedHere { .. } => "moved here",
    }
}
