//! The beginning of an MP4 file.

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

/// The beginning of an MP4 file: type, a movie header with the right duration and one empty video track, and the head of
/// the media data that fills the rest.
pub(crate) fn mp4_head(pid: &str, seconds: u32, size: u64) -> Vec<u8> {
    let ftyp = boxed(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41");
    let free = boxed(b"free", pid.as_bytes());
    let mut head = [ftyp, movie(seconds * 1000), free].concat();
    let rest = size.saturating_sub(head.len() as u64).max(16);
    head.extend(be(&[1]));
    head.extend_from_slice(b"mdat");
    head.extend(rest.to_be_bytes());
    head
}

/// The movie header of one track without samples; the duration in milliseconds.
fn movie(duration: u32) -> Vec<u8> {
    let matrix = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
    let mut mvhd = be(&[0, 0, 0, 1000, duration, 0x1_0000, 0x0100_0000, 0, 0]);
    mvhd.extend(be(&matrix));
    mvhd.extend(be(&[0, 0, 0, 0, 0, 0, 2]));
    let mut tkhd = be(&[7, 0, 0, 1, 0, duration, 0, 0, 0, 0]);
    tkhd.extend(be(&matrix));
    tkhd.extend(be(&[1080 << 16, 1920 << 16]));
    let trak = [boxed(b"tkhd", &tkhd), media(duration)].concat();
    boxed(
        b"moov",
        &[boxed(b"mvhd", &mvhd), boxed(b"trak", &trak)].concat(),
    )
}

fn media(duration: u32) -> Vec<u8> {
    let mdhd = be(&[0, 0, 0, 1000, duration, 0x55c4_0000]);
    let mut hdlr = be(&[0, 0]);
    hdlr.extend_from_slice(b"vide\0\0\0\0\0\0\0\0\0\0\0\0video\0");
    let dref = boxed(b"dref", &[be(&[0, 1]), boxed(b"url ", &be(&[1]))].concat());
    let empty = |kind| boxed(kind, &be(&[0, 0]));
    let stsz = boxed(b"stsz", &be(&[0, 0, 0]));
    let [stsd, stts, stsc, stco] = [b"stsd", b"stts", b"stsc", b"stco"].map(empty);
    let samples = [stsd, stts, stsc, stsz, stco].concat();
    let vmhd = boxed(b"vmhd", &be(&[1, 0, 0]));
    let minf = [vmhd, boxed(b"dinf", &dref), boxed(b"stbl", &samples)].concat();
    let parts = [
        boxed(b"mdhd", &mdhd),
        boxed(b"hdlr", &hdlr),
        boxed(b"minf", &minf),
    ];
    boxed(b"mdia", &parts.concat())
}
