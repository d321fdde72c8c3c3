//! Pages over HTTPS, from a server whose certificate the machine trusts, or does not.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use url::Url;

use crate::support::program::{Desk, Ran};

const LISTING: &str = "<html><body><h1>News</h1><ul>\
    <li><span>3 June 2026</span> <a href='/news/fog/'>Fog over the quay and the basin</a></li>\
    <li><span>2 June 2026</span> <a href='/news/frost/'>Frost over the quay and the basin</a></li>\
    <li><span>1 June 2026</span> <a href='/news/storm/'>Storm over the quay and the basin</a></li></ul></body></html>";
fn release(name: &str) -> String {
    format!(
        "<html><body><main><h1>{name} over the quay</h1><p>The harbour office reports {name}, and asks all pilots to \
         wait outside the basin until there is no more {name} over the quay.</p></main></body></html>"
    )
}

/// Serves the site over TLS, one answer for each connection; its certificate as PEM.
async fn serve() -> (Url, String) {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![identity.cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let listing = format!("https://localhost:{}/news/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(acceptor.clone(), stream));
        }
    });
    (listing.parse().unwrap(), identity.cert.pem())
}

async fn answer(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = match path.trim_matches('/').split_once('/') {
        None if path == "/news/" => ("200 OK", LISTING.to_owned()),
        Some(("news", name)) => ("200 OK", release(name)),
        _ => ("404 Not Found", String::new()),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n");
    stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_over_https_if_its_certificate_is_trusted() {
    let (listing, certificate) = serve().await;
    let desk = Desk::watching(&listing);
    std::fs::write(desk.path("authority.pem"), certificate).unwrap();
    let check = |authority: &str| {
        let mut command = desk.command(&["check"]);
        // In place of the authorities of the machine.
        command.env("SSL_CERT_FILE", desk.path(authority)).env_remove("SSL_CERT_DIR");
        Ran::of(tokio::task::block_in_place(|| command.output().unwrap()))
    };
    std::fs::write(
        desk.path("other.pem"),
        rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap().cert.pem(),
    )
    .unwrap();
    let refused = check("other.pem");
    assert_eq!(refused.status, 1, "{}", refused.err);
    assert!(refused.err.contains("no secure connection: its certificate is not trusted"), "{}", refused.err);
    assert!(!refused.err.contains("invalid peer certificate"), "it is told once, and in words: {}", refused.err);
    let read = check("authority.pem");
    assert_eq!(read.status, 0, "{}", read.err);
    assert!(read.err.contains("3 of 3 releases read"), "{}", read.err);
}
