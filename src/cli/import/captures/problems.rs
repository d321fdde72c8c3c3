//! What could not be read, counted and named.

use super::super::super::output::Output;
use super::{Captures, MOST_TOLD};

impl Captures {
    pub(super) fn tell(&mut self, file: usize, problem: &str) {
        self.broken += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(format!("{}: {problem}", self.files[file].display()));
        }
    }

    /// Names what could not be read.
    pub(in super::super) fn complain(&self, output: &Output) {
        self.problems.iter().for_each(|problem| output.complain(problem));
        if self.broken > self.problems.len() {
            output.complain(&format!("and {} more records that cannot be read", self.broken - self.problems.len()));
        }
        if self.altered > 0 {
            output.complain(&format!(
                "{} files are not the bytes that the listings have a digest of: their servers had compressed them, or they \
                 were changed since",
                self.altered
            ));
        }
    }
}
