//! Listens, with bounds on what a client may take: connections, time for a request's head, idle time. Whoever only
//! holds connections open keeps nobody out: where there is no room, the oldest one that says nothing is closed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Connections at once; for more, older ones have to go.
const CONNECTIONS: usize = 128;
/// How long one that was asked to go has, before the next one is asked, too.
const LEAVE_TIME: Duration = Duration::from_millis(100);
/// Time for the head of a request, which is also how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 << 10;
/// How long answers under way may take once the end has come.
const LAST_ANSWERS: Duration = Duration::from_secs(3);
/// Pause after the system refused a connection, such as for want of file descriptors.
const REFUSED_PAUSE: Duration = Duration::from_millis(200);

/// The address of whoever asks, as the connection has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Answers until `stop` is true or gone.
pub(super) async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let (mut connections, mut guests) = (JoinSet::new(), Guests::default());
    let stopped = stop.clone();
    let mut end = pin!(stopped_at(&mut stop));
    loop {
        let permit = tokio::select! {
            () = &mut end => break,
            permit = guests.make_room(&permits) => permit,
        };
        tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let ends = Ends { asked: guests.welcome(), stopped: stopped.clone() };
                    let answering = answer(stream, Peer(peer), router.clone(), ends);
                    connections.spawn(async move {
                        answering.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "connection to the review pages refused");
                    sleep(REFUSED_PAUSE).await;
                }
            }
        }
        while connections.try_join_next().is_some() {}
    }
    // Whoever is still reading then is cut off.
    let _ = timeout(LAST_ANSWERS, async { while connections.join_next().await.is_some() {} }).await;
}

/// Those who are connected, in the order in which they came; each can be asked to go.
#[derive(Default)]
struct Guests(VecDeque<oneshot::Sender<()>>);

impl Guests {
    /// One more, who hears by what is returned that there is no room any more.
    fn welcome(&mut self) -> oneshot::Receiver<()> {
        if self.0.len() >= 2 * CONNECTIONS {
            self.0.retain(|guest| !guest.is_closed());
        }
        let (ask, asked) = oneshot::channel();
        self.0.push_back(ask);
        asked
    }

    /// A place for one more. Dropped, it has asked at most a few to go.
    async fn make_room(&mut self, permits: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
                return Some(permit);
            }
            // Some are gone already.
            while self.0.pop_front().is_some_and(|guest| guest.send(()).is_err()) {}
            if let Ok(permit) = timeout(LEAVE_TIME, Arc::clone(permits).acquire_owned()).await {
                return permit.ok();
            }
        }
    }
}

/// What ends a connection besides its client.
struct Ends {
    asked: oneshot::Receiver<()>,
    stopped: watch::Receiver<bool>,
}

async fn answer(stream: TcpStream, peer: Peer, router: Router, ends: Ends) {
    let Ends { asked, mut stopped } = ends;
    let has_asked = Arc::new(AtomicBool::new(false));
    let service = TowerToHyperService::new(router);
    let heard = Arc::clone(&has_asked);
    let service = service_fn(move |mut request: Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(peer);
        let answer = hyper::service::Service::call(&service, request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // Errors of a connection are its client's: it went away, was too slow or spoke no HTTP.
    tokio::select! {
        _ = &mut connection => return,
        () = stopped_at(&mut stopped) => {}
        // Whoever has asked for nothing yet loses nothing.
        Ok(()) = asked => if !has_asked.load(Ordering::Relaxed) { return },
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Is there when `stop` is true or gone.
async fn stopped_at(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
