//! A letter as the bytes that are sent: MIME, headers, threads, signature. The same message has the same Message-ID at
//! every attempt, by which mail programs know a repetition.

use lettre::Address;
use lettre::address::AddressError;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Date, Header, HeaderName, HeaderValue, InReplyTo, MessageId, References,
};
use lettre::message::{Mailbox, Message as Mime, MessageBuilder, MultiPart, SinglePart};
use url::{Host, Url};

use super::dkim::Signer;
use super::error::EmailError;
use crate::config::SmtpConfig;
use crate::domain::causes::with_causes;
use crate::domain::message::{Content, Message, Notice};
use crate::domain::render::{is_harmful, letter};

/// One mail to one recipient.
pub(super) struct Mail {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) bytes: Vec<u8>,
}

/// Makes mails of messages.
pub(super) struct Composer {
    from: Mailbox,
    /// The domain of the sender in ASCII; the right side of the ids.
    domain: String,
    web: Option<Url>,
    signer: Option<Signer>,
}

impl Composer {
    pub(super) fn new(smtp: &SmtpConfig, web: Option<Url>) -> Result<Self, EmailError> {
        let from = mailbox(&smtp.from).map_err(|problem| EmailError::Setup { key: "from", problem })?;
        let domain = Host::parse(from.email.domain()).map_or_else(|_| "localhost".to_owned(), |host| host.to_string());
        let signer = smtp.dkim.as_ref().map(Signer::new).transpose();
        let signer = signer.map_err(|problem| EmailError::Setup { key: "dkim.key_file", problem })?;
        Ok(Self { from, domain, web, signer })
    }

    pub(super) fn compose(&self, message: &Message) -> Result<Mail, EmailError> {
        let recipient = &message.addressee.recipient;
        let unfit = |problem| EmailError::Recipient { recipient: recipient.clone(), problem };
        let to = mailbox(recipient).map_err(unfit)?;
        let letter = letter(message, self.web.as_ref());
        let body = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &letter.text))
            .singlepart(part(ContentType::TEXT_HTML, &letter.html));
        let built = self.headers(message, to.clone()).subject(letter.subject).multipart(body);
        let mut mime = built.map_err(|error| unfit(with_causes(&error)))?;
        if let Some(signer) = &self.signer {
            signer.sign(&mut mime);
        }
        Ok(Mail { from: self.from.email.clone(), to: to.email, bytes: mime.formatted() })
    }

    fn headers(&self, message: &Message, to: Mailbox) -> MessageBuilder {
        let mut builder = Mime::builder()
            .from(self.from.clone())
            .to(to)
            .header(Date::new(message.created_at.into()))
            .header(MessageId::from(self.id(&message.key)))
            .header(Line::<ListId>::new(format!("<{}.pressdiff.{}>", label(&message.addressee.alert), self.domain)))
            .header(Line::<AutoSubmitted>::new("auto-generated".to_owned()))
            .header(Line::<Suppress>::new("All".to_owned()));
        if let Some(thread) = thread(message) {
            let thread = self.id(&thread);
            builder = builder.header(References::from(thread.clone())).header(InReplyTo::from(thread));
        }
        builder
    }

    fn id(&self, key: &str) -> String {
        format!("<{key}@{}>", self.domain)
    }
}

/// What all messages about one release have in common, and all about one failure. A summary of many belongs to none.
fn thread(message: &Message) -> Option<String> {
    match &message.content {
        Content::Event(told) => Some(told.thread.clone()),
        Content::Summary { told, .. } => match told.as_slice() {
            [told] => Some(told.thread.clone()),
            _ => None,
        },
        Content::Notice(Notice::ChannelFailing { alert, since, .. } | Notice::ChannelRecovered { alert, since }) => {
            Some(format!("failing.{}.{}", label(alert), since.timestamp()))
        }
        Content::Notice(Notice::Heartbeat { .. } | Notice::Sample) => None,
    }
}

/// A name as one label of a domain.
fn label(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let label: String = name.chars().map(plain).take(60).collect();
    match label.trim_matches('-') {
        "" => "alert".to_owned(),
        label => label.to_owned(),
    }
}

/// An address with or without a name. A line end in a name makes lettre panic, so it never gets there. A domain with
/// other letters is spelled as every mail server takes it (RFC 5891).
fn mailbox(text: &str) -> Result<Mailbox, String> {
    let plain: String = text.chars().filter(|character| !is_harmful(*character) && *character != '\t').collect();
    let unfit = |error: AddressError| format!("no mail address: {error}");
    let mailbox: Mailbox = plain.parse().map_err(unfit)?;
    let (user, domain) = (mailbox.email.user(), mailbox.email.domain());
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) if !domain.is_ascii() => {
            Ok(Mailbox::new(mailbox.name.clone(), Address::new(user, ascii).map_err(unfit)?))
        }
        _ => Ok(mailbox),
    }
}

/// A body in lines of at most 76 columns, whatever is in it. lettre would send long lines of ASCII as they are.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let others = text.bytes().filter(|byte| !byte.is_ascii()).count();
    // Quoted-printable stays readable and takes three bytes for one; base64 takes four for three.
    let is_foreign = others * 6 > text.len();
    let encoding = if is_foreign { ContentTransferEncoding::Base64 } else { ContentTransferEncoding::QuotedPrintable };
    SinglePart::builder().header(kind).header(encoding).body(text.replace('\n', "\r\n"))
}

/// A header that lettre has no type for.
#[derive(Clone, Debug)]
struct Line<N> {
    value: String,
    name: std::marker::PhantomData<N>,
}

impl<N> Line<N> {
    fn new(value: String) -> Self {
        Self { value, name: std::marker::PhantomData }
    }
}

trait Name: Clone {
    const NAME: &'static str;
}

macro_rules! names {
    ($($kind:ident = $name:literal),+) => {$(
        #[derive(Clone, Debug)]
        struct $kind;

        impl Name for $kind {
            const NAME: &'static str = $name;
        }
    )+};
}

names!(ListId = "List-Id", AutoSubmitted = "Auto-Submitted", Suppress = "X-Auto-Response-Suppress");

impl<N: Name> Header for Line<N> {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str(N::NAME)
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self::new(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_spelled_as_every_mail_server_takes_it() {
        let spelled = |text: &str| mailbox(text).unwrap().to_string();
        assert_eq!(spelled("desk@hafenbüro.example"), "desk@xn--hafenbro-c6a.example");
        assert_eq!(spelled("Ada <ada@порт.example>"), "Ada <ada@xn--n1abei.example>");
        // Only a server that knows RFC 6531 takes these.
        assert_eq!(spelled("büro@hafen.example"), "büro@hafen.example");
    }
}
