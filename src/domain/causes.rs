//! An error in words: what it says, and what its causes say beyond that.

use std::error::Error;

/// The error and its causes on one line, each once.
pub fn with_causes(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    words.extend(untold_causes(error));
    words.join(": ")
}

/// What the causes of an error say and the error does not, from the nearest on. Where the last one is told, those on
/// the way to it would only say that something failed.
pub fn untold_causes(error: &dyn Error) -> Vec<String> {
    let causes: Vec<String> =
        std::iter::successors(error.source(), |&cause| cause.source()).map(ToString::to_string).collect();
    let mut text = error.to_string();
    if causes.last().is_some_and(|last| text.contains(last)) {
        return Vec::new();
    }
    let mut untold = Vec::new();
    for cause in causes {
        if !text.contains(&cause) {
            text.push_str(&cause);
            untold.push(cause);
        }
    }
    untold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Fault {
        words: &'static str,
        source: Option<Box<Self>>,
    }

    fn fault(words: &[&'static str]) -> Fault {
        let (words, below) = words.split_first().unwrap();
        Fault { words, source: (!below.is_empty()).then(|| Box::new(fault(below))) }
    }

    #[test]
    fn each_cause_is_told_once() {
        assert_eq!(with_causes(&fault(&["no export"])), "no export");
        assert_eq!(
            with_causes(&fault(&["no export", "cannot write a.txt: disk full", "disk full"])),
            "no export: cannot write a.txt: disk full"
        );
        assert_eq!(with_causes(&fault(&["not sent: refused", "the client failed", "refused"])), "not sent: refused");
    }
}
