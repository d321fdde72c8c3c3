//! Encryption: the certificates that are trusted, and STARTTLS. The few lines before the encryption are spoken here and
//! not by lettre, which would keep what came in the clear and take it for an answer to what it asks encrypted.

use std::path::Path;
use std::sync::Arc;

use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{self, ClientConfig};

use super::error::plain;

/// Bytes of one reply in the clear.
const MOST_IN_REPLY: u64 = 16 << 10;

/// Trusts the authorities of the system and those in a file.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, String> {
    let extra = ca_file.map_or_else(|| Ok(Vec::new()), authorities)?;
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let config = client_config(extra, provider).map_err(|error| error.to_string())?;
    Ok(TlsConnector::from(Arc::new(config)))
}

fn client_config(
    extra: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, rustls::Error> {
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // "Dangerous" is any verifier but the one built in; this one asks the system's store.
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let certificates = read().map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if certificates.is_empty() {
        return Err(format!("{}: no certificate in it; it has to be PEM", path.display()));
    }
    Ok(certificates)
}

/// What a server answered.
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

impl Reply {
    pub(super) fn text(&self) -> String {
        plain(&self.lines.join(" "))
    }
}

/// Why STARTTLS did not come about.
pub(super) enum ClearError {
    Refused(Reply),
    Failed(String),
}

/// Brings a fresh connection to where the encryption begins; nothing but our name is said before.
pub(super) async fn start(stream: &mut TcpStream, our_name: &str) -> Result<(), ClearError> {
    let mut stream = BufReader::new(stream);
    expect(&mut stream, 220).await?;
    say(&mut stream, &format!("EHLO {our_name}\r\n")).await?;
    let abilities = expect(&mut stream, 250).await?;
    if !abilities.lines.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
        return Err(ClearError::Failed("it does not offer STARTTLS".to_owned()));
    }
    say(&mut stream, "STARTTLS\r\n").await?;
    expect(&mut stream, 220).await?;
    if !stream.buffer().is_empty() {
        return Err(ClearError::Failed("it went on in the clear after STARTTLS".to_owned()));
    }
    Ok(())
}

async fn say(stream: &mut BufReader<&mut TcpStream>, line: &str) -> Result<(), ClearError> {
    stream.write_all(line.as_bytes()).await.map_err(|error| ClearError::Failed(error.to_string()))
}

async fn expect(stream: &mut BufReader<&mut TcpStream>, code: u16) -> Result<Reply, ClearError> {
    let reply = reply(stream).await.map_err(ClearError::Failed)?;
    if reply.code == code { Ok(reply) } else { Err(ClearError::Refused(reply)) }
}

async fn reply(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<Reply, String> {
    let mut stream = stream.take(MOST_IN_REPLY);
    let mut reply = Reply { code: 0, lines: Vec::new() };
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
        if line.last() != Some(&b'\n') {
            let ended = stream.limit() > 0;
            return Err(if ended { "it closed the connection" } else { "the answer has no end" }.to_owned());
        }
        let line = String::from_utf8_lossy(&line);
        let code = line.get(..3).and_then(|code| code.parse().ok());
        reply.code = code.ok_or_else(|| format!("it does not speak SMTP: {}", plain(&line)))?;
        reply.lines.push(line.get(4..).unwrap_or_default().trim_end().to_owned());
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(reply);
        }
    }
}
