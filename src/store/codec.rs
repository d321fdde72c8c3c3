//! One body as a zstd frame: alone, or as what differs from another body that serves as its prefix. Which body that
//! is, and whether the bytes are the right ones, is the business of `bodies`.

use std::io;

use zstd::zstd_safe::{CCtx, CParameter, DCtx, compress_bound, get_error_name, get_frame_content_size};

/// For a body by itself; higher levels cost much more than they save.
const ALONE: i32 = 9;
/// For what differs: five times as fast as level 9, for 5 % more bytes.
const DELTA: i32 = 3;
/// When the fast level has lost its way, which it does in pages of a megabyte.
const THOROUGH_DELTA: i32 = 9;
/// A delta of less than this part of its body is as good as they come.
const SMALL_PART: usize = 16;
/// The widest window of a frame, as a power of two: 128 MiB.
const WIDEST_WINDOW: u32 = 27;
/// No stored body is longer, in bytes.
pub(super) const LONGEST_BODY: usize = 1 << 30;

/// A body by itself.
pub(super) fn encode_alone(body: &[u8]) -> io::Result<Vec<u8>> {
    encode(body, &[], ALONE)
}

/// What differs between a body and `base`, or nothing if the body alone is about as small.
pub(super) fn encode_delta(body: &[u8], base: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut delta = encode(body, base, DELTA)?;
    if delta.len() <= body.len() / SMALL_PART {
        return Ok(Some(delta));
    }
    let thorough = encode(body, base, THOROUGH_DELTA)?;
    if thorough.len() < delta.len() {
        delta = thorough;
    }
    let alone = encode_alone(body)?;
    Ok((delta.len() * 2 <= alone.len()).then_some(delta))
}

/// Compresses with a prefix, which may be empty. The frame has no checksum: every body is verified by its SHA-256.
pub(super) fn encode(body: &[u8], prefix: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut context = CCtx::create();
    context.set_parameter(CParameter::CompressionLevel(level)).map_err(to_io)?;
    if !prefix.is_empty() {
        let reach = (body.len() + prefix.len()) as u64;
        let window = (u64::BITS - reach.leading_zeros()).clamp(10, WIDEST_WINDOW);
        context.set_parameter(CParameter::WindowLog(window)).map_err(to_io)?;
        context.ref_prefix(prefix).map_err(to_io)?;
    }
    let mut data = Vec::with_capacity(compress_bound(body.len()));
    context.compress2(&mut data, body).map_err(to_io)?;
    data.shrink_to_fit();
    Ok(data)
}

/// The bytes of a frame, which have to be exactly so many.
pub(super) fn decode(data: &[u8], prefix: &[u8], length: usize) -> io::Result<Vec<u8>> {
    let claimed = get_frame_content_size(data).map_err(|_| invalid("it is no frame".to_owned()))?;
    if claimed.is_some_and(|claimed| claimed != length as u64) || length > LONGEST_BODY {
        return Err(invalid(format!("it is not {length} bytes long")));
    }
    let mut context = DCtx::create();
    if !prefix.is_empty() {
        context.ref_prefix(prefix).map_err(to_io)?;
    }
    let mut body = Vec::with_capacity(length);
    context.decompress(&mut body, data).map_err(to_io)?;
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
        fn damaged_frames_never_give_more_than_was_declared(data: Vec<u8>, length in 0_usize..4_000) {
            if let Ok(body) = decode(&data, b"prefix", length) {
                prop_assert_eq!(body.len(), length);
            }
        }
    }

    #[test]
    fn a_page_that_changes_by_a_token_costs_bytes() {
        let page = |token: &str| {
            let number = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string();
            let lines = (0..9_000).map(number).collect::<Vec<_>>().join("</p><p>");
            format!("<meta name=token content={token}>{lines}").into_bytes()
        };
        let (old, new) = (page("af31c0"), page("77d1e4"));
        assert!(encode_alone(&new).unwrap().len() > 50_000);
        assert!(encode_delta(&new, &old).unwrap().unwrap().len() < 100);
    }

    #[test]
    fn what_has_nothing_in_common_stands_alone() {
        let noise = |seed: u64| -> Vec<u8> {
            (1..2_000_u64).flat_map(|n| (n * seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).collect()
        };
        assert_eq!(encode_delta(&noise(3), &noise(1_000_003)).unwrap(), None);
    }
}
