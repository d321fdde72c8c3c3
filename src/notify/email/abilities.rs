//! What a mail server can do, of which a few things matter here.

use lettre::transport::smtp::authentication::Mechanism;

use super::dialogue::Reply;

/// What it said to EHLO.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) starttls: bool,
    /// Addresses in letters that are not ASCII.
    pub(super) utf8: bool,
    pub(super) mechanisms: Vec<Mechanism>,
}

impl Abilities {
    pub(super) fn of(hello: &Reply) -> Self {
        let mut abilities = Self::default();
        // The first line is a name.
        for line in hello.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("STARTTLS") => abilities.starttls = true,
                Some("SMTPUTF8") => abilities.utf8 = true,
                Some("AUTH") => abilities.mechanisms.extend(words.filter_map(mechanism)),
                _ => {}
            }
        }
        abilities
    }
}

fn mechanism(word: &str) -> Option<Mechanism> {
    match word {
        "PLAIN" => Some(Mechanism::Plain),
        "LOGIN" => Some(Mechanism::Login),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_is_read() {
        let lines = ["starttls.example", "SIZE 1000", "StartTLS", "AUTH CRAM-MD5 login", "", "8BITMIME"];
        let hello = Reply { code: 250, lines: lines.map(str::to_owned).to_vec() };
        let wanted = Abilities { starttls: true, utf8: false, mechanisms: vec![Mechanism::Login] };
        assert_eq!(Abilities::of(&hello), wanted);
        assert_eq!(Abilities::of(&Reply { lines: hello.lines[..1].to_vec(), ..hello }), Abilities::default());
    }
}
