//! Tables for people: as wide as the terminal, with nothing in the cells that commands it.

use chrono::{DateTime, Local, Utc};
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, presets};

use super::output::{Output, tame};

/// Rows under headings.
pub(super) struct Rows {
    table: Table,
}

impl Rows {
    pub(super) fn new(output: &Output, headings: &[&str]) -> Self {
        let mut table = Table::new();
        // Where there is no terminal there is no width: one line for each row, whatever its length.
        let arrangement = if output.is_terminal { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
        table.load_style(presets::NOTHING).set_content_arrangement(arrangement);
        table.set_header(headings.iter().map(|heading| {
            let cell = Cell::new(heading);
            if output.colour { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self { table }
    }

    pub(super) fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells.into_iter().map(|cell| tame(&cell)));
    }

    /// Keeps a column from being broken into lines, for what people copy. Where the others would get too little room
    /// by that, no column is broken, and the terminal does it.
    pub(super) fn keep_whole(&mut self, column: usize, widest: usize) {
        const ROOM: usize = 70;
        let fits = self.table.width().is_some_and(|width| usize::from(width) >= widest + ROOM);
        if !fits {
            self.table.set_content_arrangement(ContentArrangement::Disabled);
        } else if let Some(column) = self.table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }

    /// The lines, without blanks at their ends.
    pub(super) fn render(&self) -> String {
        let text = self.table.trim_fmt();
        text + "\n"
    }
}

/// A minute on the clock of this machine, which is put back and forward, so that each says how far it is from UTC.
pub(super) fn local_minute(at: DateTime<Utc>) -> String {
    at.with_timezone(&Local).format("%Y-%m-%d %H:%M %:z").to_string()
}

/// A minute, in UTC.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}
