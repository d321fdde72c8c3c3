//! The progress bar of work on the whole record; seen on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use super::output::Output;

/// A bar from 0 to `total`.
pub(super) fn bar(output: &Output, what: &'static str, total: u64) -> ProgressBar {
    let bar = output.bars.add(ProgressBar::new(total));
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(what);
    bar
}
