//! The section about the mail server: `[smtp]`.

use std::net::IpAddr;
use std::path::Path;

use super::report::Problem;
use super::section::Section;
use super::value::{mailbox, one_of, path, quoted, words};
use super::{DkimConfig, Login, Secret, SmtpConfig, Tls};

const TLS: [(&str, Tls); 3] = [("starttls", Tls::StartTls), ("implicit", Tls::Implicit), ("none", Tls::None)];

const PASSWORD_PLACE: &str = "put it in a file that only this service can read and name that with password_file, \
     or use password_credential or password_env";

/// The server, unless something about it is wrong.
pub(super) fn read(section: Option<Section<'_>>, folder: &Path) -> Option<SmtpConfig> {
    let mut section = section?;
    let host = section.required("host", "host = \"mail.example.org\"").and_then(|entry| entry.parse(server));
    let port_entry = section.entry("port");
    let port = port_entry.as_ref().and_then(|entry| u16::try_from(entry.number(1..=65_535)?).ok());
    let tls = read_tls(&mut section, host.as_deref());
    if let (Some(entry), Some(problem)) = (port_entry, port.and_then(|port| misfit(port, tls))) {
        entry.wrong(&problem);
    }
    let login = read_login(&mut section, folder);
    let from = section.required("from", "from = \"pressdiff <alerts@example.org>\"");
    let from = from.and_then(|entry| entry.parse(mailbox));
    let ca_file = section.text("ca_file", path).map(|file| folder.join(file));
    let dkim = section.section("dkim").and_then(|dkim| read_dkim(dkim, folder));
    section.finish();
    let port = port.unwrap_or(match tls {
        Tls::StartTls => 587,
        Tls::Implicit => 465,
        Tls::None => 25,
    });
    Some(SmtpConfig { host: host?, port, tls, login, from: from?, ca_file, dkim })
}

fn read_tls(section: &mut Section<'_>, host: Option<&str>) -> Tls {
    let Some(entry) = section.entry("tls") else { return Tls::StartTls };
    let tls = entry.parse(one_of(&TLS)).unwrap_or(Tls::StartTls);
    if tls == Tls::None && host.is_some_and(|host| !is_loopback(host)) {
        let mend = "write \"starttls\" or \"implicit\"; \"none\" is for a server on this machine only";
        entry.wrong(&Problem::new("mail would cross the network unencrypted", mend));
    }
    tls
}

/// A port that is known for the other way to begin: either side would wait for the other one to speak.
fn misfit(port: u16, tls: Tls) -> Option<Problem> {
    match (port, tls) {
        (465, Tls::StartTls) => {
            Some(Problem::new("encrypted from the first byte on", "write tls = \"implicit\" beside it"))
        }
        (587, Tls::Implicit) => Some(Problem::new("begins in the clear", "write tls = \"starttls\" beside it")),
        _ => None,
    }
}

/// A name or an address, and nothing else.
fn server(text: &str) -> Result<String, Problem> {
    let text = words(text)?;
    let is_address = text.parse::<IpAddr>().is_ok();
    if is_address || !text.contains([':', '/', '[', ']', '@']) {
        return Ok(text);
    }
    let mend = "write its name or address alone, such as \"mail.example.org\"; the port has a key of its own";
    Err(Problem::new(format!("{}: no name of a server", quoted(&text)), mend))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_login(section: &mut Section<'_>, folder: &Path) -> Option<Login> {
    section.refuse("password", &Problem::new("passwords do not belong into this file", PASSWORD_PLACE));
    let username = section.text("username", words);
    let has_password = section.has("password");
    let file = section.text("password_file", path).map(|file| Secret::File(folder.join(file)));
    let credential = section.text("password_credential", words).map(Secret::Credential);
    let variable = section.text("password_env", words).map(Secret::Variable);
    let mut places = [file, credential, variable].into_iter().flatten();
    let password = places.next();
    if places.next().is_some() {
        let mend = "keep one of password_file, password_credential and password_env";
        section.missing("password_file", &Problem::new("more than one place of the password", mend));
    }
    match (&username, &password) {
        (Some(_), None) if !has_password => {
            let mend = format!("to log in, {PASSWORD_PLACE}");
            section.missing("password_file", &Problem::new("missing beside username", mend));
        }
        (None, Some(_)) if !section.has("username") => {
            section.missing("username", &Problem::new("missing beside the password", "write username = \"…\""));
        }
        _ => {}
    }
    Some(Login { username: username?, password: password? })
}

fn read_dkim(mut section: Section<'_>, folder: &Path) -> Option<DkimConfig> {
    let mut text = |key, example| section.required(key, example).and_then(|entry| entry.parse(words));
    let domain = text("domain", "domain = \"example.org\"");
    let selector = text("selector", "selector = \"pressdiff\"");
    let key_file = section.required("key_file", "key_file = \"…\"").and_then(|entry| entry.parse(path));
    section.finish();
    Some(DkimConfig { domain: domain?, selector: selector?, key_file: folder.join(key_file?) })
}
