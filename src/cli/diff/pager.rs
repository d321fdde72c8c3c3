//! Shows long text in the reader's pager: `$PAGER`, or `less`.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

/// Text of fewer lines than the smallest usual screen has needs no pager.
const SHORT: usize = 23;

/// Whether the text was shown. It is not if it is short, if no pager is wanted, or if there is none.
pub(super) fn show(text: &str) -> bool {
    if text.lines().count() < SHORT {
        return false;
    }
    let Some(mut pager) = start(std::env::var_os("PAGER")) else { return false };
    if let Some(mut input) = pager.stdin.take() {
        // Who leaves the pager early has read enough.
        let _ = input.write_all(text.as_bytes());
    }
    pager.wait().is_ok_and(|status| status.success())
}

fn start(wanted: Option<OsString>) -> Option<Child> {
    let words = command_line(wanted)?;
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // Colours as they are, nothing kept on the screen that fits on one.
        command.env("LESS", "FRX");
    }
    command.spawn().ok()
}

/// The pager and its arguments; none if the reader wants none.
fn command_line(wanted: Option<OsString>) -> Option<Vec<String>> {
    let Some(wanted) = wanted else { return Some(vec!["less".to_owned(), "-R".to_owned()]) };
    let words: Vec<String> = wanted.to_string_lossy().split_whitespace().map(str::to_owned).collect();
    (!words.is_empty() && words != ["cat"]).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_chooses_the_pager() {
        assert_eq!(command_line(None).unwrap(), ["less", "-R"]);
        assert_eq!(command_line(Some("most -s".into())).unwrap(), ["most", "-s"]);
        assert_eq!(command_line(Some("".into())), None);
        assert_eq!(command_line(Some("cat".into())), None);
    }

    #[test]
    fn what_is_short_or_has_no_pager_is_not_shown() {
        assert!(!show("one line\n"));
        assert!(start(Some("no-such-pager-anywhere".into())).is_none());
    }
}
