//! A name server that lies: `home.test` is this machine, and `rebind.test` is the site when it is asked for the first
//! time and this machine from then on.

use std::io;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Where the resolver of the namespace looks for it.
pub(crate) const ADDRESS: &str = "127.0.0.53";

const SITE: [u8; 4] = [11, 22, 33, 44];
const HOME: [u8; 4] = [127, 0, 0, 1];
/// Questions about `rebind.test` so far.
static ASKED: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn answer_in_background() -> io::Result<()> {
    let socket = UdpSocket::bind((ADDRESS, 53))?;
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            if let Some(answer) = answer(&question[..length]) {
                let _ = socket.send_to(&answer, from);
            }
        }
    });
    Ok(())
}

/// From now on `rebind.test` is what it will not stay.
pub(crate) fn forget() {
    ASKED.store(0, Ordering::SeqCst);
}

/// An answer with one address, good for no time at all; none for what is no question for an address.
fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let name = question.get(12..)?;
    let end = 12 + name.iter().position(|byte| *byte == 0)? + 5;
    let question = question.get(..end)?;
    let is_address = question[end - 4..end - 2] == [0, 1];
    let is_rebinding = question.windows(6).any(|part| part == b"rebind");
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    answer.extend(&question[12..]);
    if is_address {
        let is_first = is_rebinding && ASKED.fetch_add(1, Ordering::SeqCst) == 0;
        answer.extend([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(if is_first { SITE } else { HOME });
    }
    Some(answer)
}
