//! One body as a zstd frame: alone, or as what differs from another body that serves as its prefix; and a run of bodies
//! as pieces of one frame. Frames are kept without their magic number. Which bodies these are, and whether the bytes
//! are the right ones, is the business of `bodies`.

use std::cell::RefCell;
use std::io;

use bytes::Bytes;
use zstd::zstd_safe::zstd_sys::ZSTD_EndDirective;
use zstd::zstd_safe::{
    CCtx, CParameter, DCtx, InBuffer, OutBuffer, compress_bound, get_error_name, get_frame_content_size,
};

/// For a body by itself; higher levels cost much more than they save.
const ALONE: i32 = 9;
/// For what differs: five times as fast as level 9, for 5 % more bytes.
const DELTA: i32 = 3;
/// When the fast level has lost its way, which it does in pages of a megabyte.
const THOROUGH_DELTA: i32 = 9;
/// For a run, which is packed when there is nothing else to do.
const RUN: i32 = 12;
/// A delta of less than this part of its body is as good as they come.
const SMALL_PART: usize = 16;
/// The widest window of a frame, as a power of two: 128 MiB.
const WIDEST_WINDOW: u32 = 27;
/// No stored body is longer, in bytes.
pub(super) const LONGEST_BODY: usize = 1 << 30;

/// The bodies of a run have no more bytes together, so that any of them is soon read.
pub(super) const LONGEST_RUN: usize = 8 << 20;
/// What every frame begins with (RFC 8878, 3.1.1), which is not stored.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What the header of the frame of a run says (RFC 8878, 3.1.1.1): nothing but a window, here the widest one. It is not
/// stored either, because bits that say more than needed could flip unseen.
const RUN_HEADER: [u8; 2] = [0, 17 << 3];
/// The bit of a frame's header that stands for nothing.
const UNUSED: u8 = 1 << 4;
/// Bytes in which the length of a piece is spelled, the lowest first.
const LENGTH: usize = 3;
/// The last block of a frame, without bytes (RFC 8878, 3.1.1.2): it ends a frame after any of its pieces.
const LAST_BLOCK: [u8; 3] = [1, 0, 0];

/// What a dictionary begins with (RFC 8878, 5): a body that does is none, and has to be named as a mere prefix.
const DICTIONARY: [u8; 4] = [0x37, 0xa4, 0x30, 0xec];

thread_local! {
    /// To make one, a hundred kilobytes, takes longer than to decode a page that differs by a token.
    static DECODER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// A body by itself.
pub(super) fn encode_alone(body: &[u8]) -> io::Result<Vec<u8>> {
    encode(body, &[], ALONE)
}

/// How much smaller than the body alone a delta has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gain {
    /// An eighth.
    Some,
    /// Half.
    Much,
}

/// What differs between a body and `base`, or nothing if the body alone is about as small.
pub(super) fn encode_delta(body: &[u8], base: &[u8], gain: Gain) -> io::Result<Option<Vec<u8>>> {
    let mut delta = encode(body, base, DELTA)?;
    if delta.len() <= body.len() / SMALL_PART {
        return Ok(Some(delta));
    }
    let thorough = encode(body, base, THOROUGH_DELTA)?;
    if thorough.len() < delta.len() {
        delta = thorough;
    }
    let alone = encode_alone(body)?;
    let most = match gain {
        Gain::Some => alone.len() - alone.len() / 8,
        Gain::Much => alone.len() / 2,
    };
    Ok((delta.len() <= most).then_some(delta))
}

/// Compresses with a prefix, which may be empty. The frame has no checksum: every body is verified by its SHA-256.
pub(super) fn encode(body: &[u8], prefix: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut context = CCtx::create();
    context.set_parameter(CParameter::CompressionLevel(level)).map_err(to_io)?;
    if !prefix.is_empty() {
        reach(&mut context, body.len() + prefix.len())?;
        context.ref_prefix(prefix).map_err(to_io)?;
    }
    let mut data = Vec::with_capacity(compress_bound(body.len()));
    context.compress2(&mut data, body).map_err(to_io)?;
    Ok(data[MAGIC.len()..].to_vec())
}

/// Bodies one after the other in one frame, with a prefix, cut into a piece for each body: what one of them brought,
/// the next ones need not spell again, and all share the tables of the frame.
pub(super) fn encode_run(bodies: &[Bytes], prefix: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let mut context = CCtx::create();
    context.set_parameter(CParameter::CompressionLevel(RUN)).map_err(to_io)?;
    reach(&mut context, prefix.len() + bodies.iter().map(Bytes::len).sum::<usize>())?;
    context.ref_prefix(prefix).map_err(to_io)?;
    let mut pieces = bodies.iter().map(|body| encode_piece(&mut context, body)).collect::<io::Result<Vec<_>>>()?;
    if let Some(first) = pieces.first_mut() {
        if first.get(MAGIC.len()) != Some(&RUN_HEADER[0]) {
            return Err(invalid("the header of a run says more than others do".to_owned()));
        }
        first.drain(..MAGIC.len() + RUN_HEADER.len());
    }
    Ok(pieces)
}

fn encode_piece(context: &mut CCtx<'_>, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(compress_bound(body.len()) + 64);
    let (mut from, mut to) = (InBuffer::around(body), OutBuffer::around(&mut piece));
    let left = context.compress_stream2(&mut to, &mut from, ZSTD_EndDirective::ZSTD_e_flush).map_err(to_io)?;
    if left > 0 || from.pos() < body.len() {
        return Err(invalid("a piece is longer than pieces are".to_owned()));
    }
    piece.shrink_to_fit();
    Ok(piece)
}

/// The bodies of the first pieces of a run, one after the other, which have to be exactly so many bytes.
pub(super) fn decode_run(pieces: &[u8], prefix: &[u8], length: usize) -> io::Result<Vec<u8>> {
    if length > LONGEST_RUN {
        return Err(invalid(format!("{length} bytes are more than a run has")));
    }
    let frame = [&MAGIC[..], &RUN_HEADER, pieces, &LAST_BLOCK].concat();
    decompress(&frame, prefix, length)
}

/// The pieces of a run in one value: how many they are, how long each is, and the pieces themselves.
pub(super) fn join(pieces: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let count = u8::try_from(pieces.len()).map_err(|_| invalid("a run has fewer pieces".to_owned()))?;
    let mut joined = vec![count];
    for piece in pieces {
        let length = u32::try_from(piece.len()).map_err(|_| invalid("a piece is shorter".to_owned()))?;
        joined.extend(&length.to_le_bytes()[..LENGTH]);
        if length >> (8 * LENGTH) > 0 {
            return Err(invalid("a piece is shorter".to_owned()));
        }
    }
    joined.extend(pieces.concat());
    Ok(joined)
}

/// How many pieces were joined, and the first so many of them. Fails unless the lengths come to the whole.
pub(super) fn split(joined: &[u8], first: usize) -> io::Result<(usize, &[u8])> {
    let damaged = || invalid("its pieces do not fit together".to_owned());
    let (count, rest) = joined.split_first().ok_or_else(damaged)?;
    let (lengths, pieces) = rest.split_at_checked(usize::from(*count) * LENGTH).ok_or_else(damaged)?;
    let lengths =
        lengths.chunks_exact(LENGTH).map(|bytes| bytes.iter().rfold(0, |sum, byte| sum << 8 | usize::from(*byte)));
    if lengths.len() < first || lengths.clone().sum::<usize>() != pieces.len() {
        return Err(damaged());
    }
    let end = lengths.take(first).sum();
    Ok((usize::from(*count), &pieces[..end]))
}

/// Lets a frame refer to whatever came before, so many bytes back.
fn reach(context: &mut CCtx<'_>, bytes: usize) -> io::Result<()> {
    let window = (u64::BITS - (bytes as u64).leading_zeros()).clamp(10, WIDEST_WINDOW);
    context.set_parameter(CParameter::WindowLog(window)).map_err(to_io)?;
    Ok(())
}

/// The bytes of a frame, which have to be exactly so many.
pub(super) fn decode(data: &[u8], prefix: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let frame = [&MAGIC, data].concat();
    let claimed = get_frame_content_size(&frame).map_err(|_| invalid("it is not a frame".to_owned()))?;
    if data.first().is_some_and(|header| header & UNUSED > 0) {
        return Err(invalid("its header has a bit too many".to_owned()));
    }
    if claimed.is_some_and(|claimed| claimed != length as u64) || length > LONGEST_BODY {
        return Err(invalid(format!("it is not {length} bytes long")));
    }
    decompress(&frame, prefix, length)
}

/// The same, for short texts whose length is not kept beside them; no more than `most` bytes.
pub(super) fn decode_text(data: &[u8], prefix: &[u8], most: usize) -> io::Result<String> {
    // A header of a frame has up to 14 bytes after its magic number.
    let head = [&MAGIC, &data[..data.len().min(14)]].concat();
    let length = get_frame_content_size(&head).ok().flatten().unwrap_or_default();
    let text = decode(data, prefix, usize::try_from(length).unwrap_or(usize::MAX).min(most))?;
    String::from_utf8(text).map_err(|_| invalid("it is not text".to_owned()))
}

fn decompress(data: &[u8], prefix: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(length);
    if prefix.starts_with(&DICTIONARY) {
        let mut context = DCtx::create();
        context.ref_prefix(prefix).map_err(to_io)?;
        context.decompress(&mut body, data).map_err(to_io)?;
    } else {
        DECODER.with_borrow_mut(|context| context.decompress_using_dict(&mut body, data, prefix)).map_err(to_io)?;
    }
    if body.len() == length { Ok(body) } else { Err(invalid(format!("it is not {length} bytes long"))) }
}

fn to_io(code: usize) -> io::Error {
    io::Error::other(get_error_name(code))
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(body in proptest::collection::vec(any::<u8>(), 0..600), base: Vec<u8>) {
            for prefix in [&base[..], &body[..], &[]] {
                let data = encode(&body, prefix, DELTA).unwrap();
                prop_assert_eq!(&decode(&data, prefix, body.len()).unwrap(), &body);
            }
        }

        #[test]
        fn what_was_not_joined_is_not_split(data: Vec<u8>, first in 0_usize..20) {
            if let Ok((count, pieces)) = split(&data, first) {
                prop_assert!(count >= first && pieces.len() < data.len());
            }
        }

        #[test]
        fn damaged_frames_never_give_more_than_was_declared(data: Vec<u8>, length in 0_usize..4_000) {
            if let Ok(body) = decode(&data, b"prefix", length) {
                prop_assert_eq!(body.len(), length);
            }
        }
    }

    proptest! {
        #[test]
        fn a_run_can_be_read_up_to_any_of_its_pieces(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 1..6),
            prefix in proptest::collection::vec(any::<u8>(), 1..300),
        ) {
            let pieces = encode_run(&bodies.iter().cloned().map(Bytes::from).collect::<Vec<_>>(), &prefix).unwrap();
            for count in 1..=bodies.len() {
                let joined = join(&pieces).unwrap();
                let (all, first) = split(&joined, count).unwrap();
                let expected = bodies[..count].concat();
                prop_assert_eq!(all, bodies.len());
                prop_assert_eq!(&decode_run(first, &prefix, expected.len()).unwrap(), &expected);
                prop_assert!(decode_run(first, &prefix, expected.len() - 1).is_err());
            }
        }
    }

    /// A page of so many lines with a token.
    fn page(lines: u64, token: &str) -> Vec<u8> {
        let number = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string();
        let lines = (0..lines).map(number).collect::<Vec<_>>().join("</p><p>");
        format!("<meta name=token content={token}>{lines}").into_bytes()
    }

    fn flipped(data: &[u8], bytes: usize) -> impl Iterator<Item = Vec<u8>> {
        (0..bytes * 8).map(|bit| {
            let mut damaged = data.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            damaged
        })
    }

    #[test]
    fn no_bit_of_a_header_flips_unseen() {
        let pages = ["af31c0", "77d1e4", "0a9b3c", "d2d2d2", "77d1e4"].map(|token| page(60, token));
        for (prefix, level) in [(&[][..], ALONE), (&pages[0], DELTA), (&pages[0], THOROUGH_DELTA)] {
            let data = encode(&pages[1], prefix, level).unwrap();
            for (bit, damaged) in flipped(&data, 8).enumerate() {
                let decoded = decode(&damaged, prefix, pages[1].len());
                assert!(decoded.is_err() || decoded.unwrap() != pages[1], "bit {bit} of level {level}");
            }
        }
        let bodies = pages[1..].iter().cloned().map(Bytes::from).collect::<Vec<_>>();
        let (joined, all) = (join(&encode_run(&bodies, &pages[0]).unwrap()).unwrap(), bodies.concat());
        for (bit, damaged) in flipped(&joined, 1 + 4 * LENGTH + 8).enumerate() {
            let Ok((4, pieces)) = split(&damaged, 4) else { continue };
            let decoded = decode_run(pieces, &pages[0], all.len());
            assert!(decoded.is_err() || decoded.unwrap() != all, "bit {bit} of a run");
        }
    }

    #[test]
    fn a_page_that_changes_by_a_token_costs_bytes() {
        let (old, new) = (page(9_000, "af31c0"), page(9_000, "77d1e4"));
        assert!(encode_alone(&new).unwrap().len() > 50_000);
        assert!(encode_delta(&new, &old, Gain::Much).unwrap().unwrap().len() < 100);
    }

    #[test]
    fn a_body_may_begin_like_a_dictionary() {
        let prefix = [&DICTIONARY[..], &page(60, "af31c0")].concat();
        let body = page(60, "77d1e4");
        let data = encode(&body, &prefix, DELTA).unwrap();
        assert!(data.len() < 100);
        assert_eq!(decode(&data, &prefix, body.len()).unwrap(), body);
    }

    #[test]
    fn what_has_nothing_in_common_stands_alone() {
        let noise = |seed: u64| -> Vec<u8> {
            (1..2_000_u64).flat_map(|n| (n * seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect()
        };
        assert_eq!(encode_delta(&noise(3), &noise(1_000_003), Gain::Some).unwrap(), None);
    }
}
