//! A change on a terminal in two columns, with a sign between them that tells what happened to the line: `~` changed,
//! `-` gone, `+` new, `<` moved away, `>` moved here.

use std::fmt::Write as _;

use super::columns::{Line, Row, lines, new_parts, old_parts};
use super::excerpt::shorten;
use super::terminal::{DIM, Page, RESET, bullet, moved_note};
use super::wrap::visible_width;
use super::{Shown, folded_note};
use crate::domain::diff::{BlockEdit, SpanKind};

/// Narrower columns are written as if they had this many places.
const MIN_COLUMN: usize = 12;

impl Page<'_> {
    /// Both columns, as far as blocks are shown.
    pub(super) fn columns(&mut self, shown: Vec<Shown<'_>>) {
        for line in lines(shown) {
            match line {
                Line::Row(row) => self.row(&row),
                Line::Folded(blocks) => self.note(&folded_note(blocks.len())),
            }
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        let sign = match (row.old, row.new) {
            (Some((_, BlockEdit::Equal { .. })), _) => '│',
            (Some((_, BlockEdit::MovedAway { .. })), None) => '<',
            (_, Some((_, BlockEdit::MovedHere { .. }))) => '>',
            (Some(_), None) => '-',
            (None, _) => '+',
            _ => '~',
        };
        let old = self.cell(row.old, old_parts);
        let new = self.cell(row.new, new_parts);
        for index in 0..old.len().max(new.len()) {
            let (left, right) = (old.get(index).map_or("", String::as_str), new.get(index).map_or("", String::as_str));
            let gap = " ".repeat(self.column().saturating_sub(visible_width(left)));
            let line = format!("{left}{gap} {sign} {right}");
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }

    fn cell<'b>(
        &self,
        block: Option<(usize, &'b BlockEdit)>,
        parts_of: fn(&'b BlockEdit) -> Vec<(SpanKind, &'b str)>,
    ) -> Vec<String> {
        let Some((index, edit)) = block else { return Vec::new() };
        let (open, close) = if self.options.color { (DIM, RESET) } else { ("", "") };
        let note = moved_note(index, edit).map(|note| format!("{open}{note}{close}"));
        let shown = shorten(edit, parts_of(edit), self.options.full);
        let mut parts = vec![(SpanKind::Equal, bullet(edit.kind()))];
        parts.extend(shown.iter().map(|(kind, text)| (*kind, text.as_ref())));
        let text = self.wrapped(&parts, "", self.column(), true);
        note.into_iter().chain(text.lines().map(str::to_owned)).collect()
    }

    fn column(&self) -> usize {
        (self.options.width.saturating_sub(3) / 2).max(MIN_COLUMN)
    }
}
