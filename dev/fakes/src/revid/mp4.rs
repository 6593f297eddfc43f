//! The beginning of an MP4 file that plays: one picture, for as long as the video lasts.

/// The picture: one H.264 access unit of 288 by 512 pixels, intra coded, and the parameter sets that it was coded with.
const PICTURE: &[u8] = include_bytes!("frame.h264");
const SEQUENCE: &[u8] = &[
    0x67, 0x42, 0xc0, 0x1f, 0xa6, 0x11, 0x04, 0x81, 0x06, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04,
    0x00, 0x00, 0x03, 0x00, 0x08, 0x3c, 0x60, 0xc8, 0x46,
];
const PARAMETERS: &[u8] = &[0x68, 0xc8, 0x42, 0x04, 0x4b, 0x20];

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = ((content.len() + 8) as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(kind);
    bytes.extend_from_slice(content);
    bytes
}

fn be(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

/// The beginning of an MP4 file: type, the movie with the right duration and one picture, and the media data, which starts with
/// the picture and fills the rest.
pub(crate) fn mp4_head(pid: &str, seconds: u32, size: u64) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    let free = boxed(b"free", pid.as_bytes());
    let picture = [be(&[PICTURE.len() as u32]), PICTURE.to_vec()].concat();
    // Where the picture lies does not change how long what stands before it is.
    let before = |at| [&ftyp[..], &movie(seconds * 1000, at), &free].concat();
    let at = before(0).len() + 16;
    let mut head = before(at as u32);
    let rest = size.saturating_sub(head.len() as u64);
    let rest = rest.max(16 + picture.len() as u64);
    head.extend(be(&[1]));
    head.extend_from_slice(b"mdat");
    head.extend(rest.to_be_bytes());
    head.extend(picture);
    head
}

/// The movie of one track with one picture, which lies at a byte of the file; the duration in milliseconds.
fn movie(duration: u32, at: u32) -> Vec<u8> {
    let matrix = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let mut mvhd = be(&[0, 0, 0, 1000, duration, 0x1_0000, 0x0100_0000, 0, 0]);
    mvhd.extend(be(&matrix));
    mvhd.extend(be(&[0, 0, 0, 0, 0, 0, 2]));
    let mut tkhd = be(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]);
    tkhd.extend(be(&matrix));
    tkhd.extend(be(&[1080 << 16, 1920 << 16]));
    let trak = [boxed(b"tkhd", &tkhd), media(duration, at)].concat();
    boxed(
        b"moov",
        &[boxed(b"mvhd", &mvhd), boxed(b"trak", &trak)].concat(),
    )
}

fn media(duration: u32, at: u32) -> Vec<u8> {
    let mdhd = be(&[0, 0, 0, 1000, duration, 0x55c4_0000]);
    let mut hdlr = be(&[0, 0]);
    hdlr.extend_from_slice(b"vide\0\0\0\0\0\0\0\0\0\0\0\0video\0");
    let dref = boxed(b"dref", &[be(&[0, 1]), boxed(b"url ", &be(&[1]))].concat());
    let samples = [
        boxed(b"stsd", &[be(&[0, 1]), boxed(b"avc1", &coding())].concat()),
        boxed(b"stts", &be(&[0, 1, 1, duration])),
        boxed(b"stsc", &be(&[0, 1, 1, 1, 1])),
        boxed(b"stsz", &be(&[0, 4 + PICTURE.len() as u32, 1])),
        boxed(b"stco", &be(&[0, 1, at])),
    ];
    let vmhd = boxed(b"vmhd", &be(&[1, 0, 0]));
    let stbl = boxed(b"stbl", &samples.concat());
    let minf = [vmhd, boxed(b"dinf", &dref), stbl].concat();
    let parts = [
        boxed(b"mdhd", &mdhd),
        boxed(b"hdlr", &hdlr),
        boxed(b"minf", &minf),
    ];
    boxed(b"mdia", &parts.concat())
}

/// How the picture is coded (ISO/IEC 14496-15).
fn coding() -> Vec<u8> {
    let mut avcc = vec![1, SEQUENCE[1], SEQUENCE[2], SEQUENCE[3], 0xff, 0xe1];
    avcc.extend((SEQUENCE.len() as u16).to_be_bytes());
    avcc.extend_from_slice(SEQUENCE);
    avcc.push(1);
    avcc.extend((PARAMETERS.len() as u16).to_be_bytes());
    avcc.extend_from_slice(PARAMETERS);
    let mut entry = be(&[0, 1, 0, 0, 0, 0, 288 << 16 | 512, 72 << 16, 72 << 16, 0]);
    entry.extend([0, 1]);
    entry.extend([0; 32]);
    entry.extend([0, 24, 0xff, 0xff]);
    entry.extend(boxed(b"avcC", &avcc));
    entry
}
