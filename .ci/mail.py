"""One edit on a page, one mail for each of two people: what a mail server and a MIME parser that know nothing of
pressdiff make of it."""

import base64
import email
import email.policy
import http.server
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

import dkim
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The pier – Port of Vellmar</title></head>
<body><main><article><h1>The pier “Möwe” opens in June</h1>
<p>The pier was closed for two years while its piles were renewed, one after the other.</p>
<p>The port expects {visitors} visitors on the day of the opening, most of them by ferry.</p>
<p>Tickets for the ferry are sold at the old lighthouse and on the quay.</p></article></main></body></html>"""

CONFIG = """
[store]
path = "pressdiff.db"
[fetch]
allow_private_addresses = true
per_host_interval = "0s"
[smtp]
host = "localhost"
port = {smtp}
tls = "starttls"
ca_file = "certificate.pem"
username = "ada"
password_file = "password"
from = "pressdiff <alerts@example.org>"
dkim = {{ domain = "example.org", selector = "press", key_file = "key.pem" }}
[[source]]
id = "vellmar"
name = "Port of Vellmar"
pages = ["http://127.0.0.1:{web}/pier"]
[[alert]]
name = "desk"
channel = "email"
to = ["ada@example.org", "Bö <bo@example.org>"]
"""


class Site(http.server.BaseHTTPRequestHandler):
    visitors = "3,500"

    def do_GET(self):
        found = self.path == "/pier"
        body = PAGE.format(visitors=self.visitors).encode() if found else b"nothing here"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Inbox:
    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):
        self.received.append((session.ssl is not None, session.authenticated, envelope))
        return "250 kept"


def log_in(server, session, envelope, mechanism, login):
    welcome = (login.login, login.password) == (b"ada", b"open sesame")
    return AuthResult(success=welcome, handled=False)


def expect(truth, *about):
    if not truth:
        sys.exit("FAILED: " + " ".join(map(str, about)))


def check(program, folder):
    ran = subprocess.run([program, "--config", folder / "pressdiff.toml", "check"], capture_output=True, text=True)
    expect(ran.returncode == 0, "pressdiff check:", ran.stdout, ran.stderr)


def read(envelope, key, record):
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    expect(not mail.defects, "defects of the mail:", mail.defects)
    expect(all(len(line) <= 78 for line in envelope.content.split(b"\r\n") if not line.startswith(b" b=")), "long line")
    expect(dkim.verify(envelope.content, dnsfunc=lambda *_, **__: record), "the signature is wrong")
    subject = "edited (number): The pier “Möwe” opens in June [Port of Vellmar]"
    expect(mail["Subject"] == subject, "subject:", mail["Subject"])
    for name, value in {"From": "pressdiff <alerts@example.org>", "Auto-Submitted": "auto-generated"}.items():
        expect(mail[name] == value, name, mail[name])
    expect(mail["Message-ID"].endswith("@example.org>") and mail["References"] == mail["In-Reply-To"], "ids")
    expect(mail.get_content_type() == "multipart/alternative", mail.get_content_type())
    text = mail.get_body(("plain",)).get_content()
    page = mail.get_body(("html",)).get_content()
    for body in (text, page):
        expect("3,500" in body and "4,000" in body and "/pier" in body, "the body does not tell the edit:", body)
    expect("[-3,500-]{+4,000+}" in text and page.startswith("<!DOCTYPE html>"), text)
    return mail[key]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(program, folder):
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE".split(), cwd=folder, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    inbox = Inbox()
    mail = Controller(inbox, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True,
                      authenticator=log_in, auth_required=True)
    mail.start()
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    (folder / "pressdiff.toml").write_text(CONFIG.format(smtp=mail.port, web=web.server_port))
    (folder / "password").write_text("open sesame\n")
    try:
        check(program, folder)
        expect(not inbox.received, "mail about the baseline")
        Site.visitors = "4,000"
        check(program, folder)
        check(program, folder)
    finally:
        mail.stop()
        web.shutdown()
    expect(sorted(envelope.rcpt_tos[0] for _, _, envelope in inbox.received) == ["ada@example.org", "bo@example.org"],
           "recipients:", [envelope.rcpt_tos for _, _, envelope in inbox.received])
    expect(all(encrypted and login for encrypted, login, _ in inbox.received), "mail in the clear, or without login")
    key = subprocess.run("openssl pkey -in key.pem -pubout -outform DER".split(), cwd=folder, check=True, capture_output=True)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(key.stdout)
    ids = {read(envelope, "Message-ID", record) for _, _, envelope in inbox.received}
    expect(len(ids) == 2, "Message-IDs:", ids)
    print("a foreign mail server got one mail for each of two people, signed, encrypted and with a login")


with tempfile.TemporaryDirectory() as scratch:
    main(sys.argv[1], pathlib.Path(scratch))
