//! Archives from bytes to text: every format, put together, cut and damaged anywhere.

use super::codec::Format;
use super::damage::{Damage, Fault};
use super::unpack::unpack;
use super::unpacker::Unpacker;
use super::{Input, Meter, hold, open};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read, Write as _};
use std::path::Path;

const FORMATS: [Format; 4] = [Format::Gzip, Format::Bzip2, Format::Xz, Format::Zstd];

/// Packed with the format's own checksum, as the usual commands do.
fn packed(format: Format, text: &[u8]) -> Vec<u8> {
    match format {
        Format::Gzip => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Format::Bzip2 => {
            // The smallest blocks, so that a text has several.
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Format::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Format::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
    }
}

/// Lines that do not pack too well.
fn lines(bytes: usize) -> Vec<u8> {
    let mut text = String::new();
    let mut state = 1_u64;
    while text.len() < bytes {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let _ = writeln!(text, "Jan  5 10:00:00 mx1 postfix/qmgr[811]: {:X}: removed", state >> 16);
    }
    text.truncate(bytes);
    text.into_bytes()
}

/// All text, and what ended it.
fn read_all(mut reader: impl Read) -> (Vec<u8>, Option<io::Error>) {
    let mut text = Vec::new();
    let error = reader.read_to_end(&mut text).err();
    let mut more = Vec::new();
    assert_eq!(
        reader.read_to_end(&mut more).unwrap(),
        0,
        "an error is told once, then it is the end"
    );
    (text, error)
}

/// The same with little room.
fn read_by(room: usize, mut reader: impl Read) -> (Vec<u8>, Option<io::Error>) {
    let (mut text, mut buffer) = (Vec::new(), vec![0; room]);
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return (text, None),
            Ok(read) => text.extend_from_slice(&buffer[..read]),
            Err(error) => return (text, Some(error)),
        }
    }
}

fn damage_of(error: Option<&io::Error>) -> Option<Damage> {
    error.map(|error| *error.get_ref().unwrap().downcast_ref().unwrap())
}

fn unpacked(archive: &[u8]) -> (Vec<u8>, Option<Damage>) {
    let meter = Meter::default();
    let reader = Box::new(Cursor::new(archive.to_vec()));
    let (text, error) = read_all(unpack(reader, Path::new("mail.log.2"), &meter).unwrap().reader);
    (text, damage_of(error.as_ref()))
}

/// Gives a few bytes at a time, and is interrupted in between.
struct Drops<R>(R, u32);

impl<R: Read> Read for Drops<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let few = buffer.len().min(7);
        self.0.read(&mut buffer[..few])
    }
}

#[test]
fn every_format_gives_its_text() {
    for format in FORMATS {
        for text in [&b""[..], b"\n", &lines(1000), &lines(400_000), &vec![b'x'; 1_000_000]] {
            let name = format!("{} of {} bytes", format.name(), text.len());
            let archive = packed(format, text);
            let meter = Meter::default();
            let reader = Unpacker::new(&archive[..], format, meter.clone());
            let (got, error) = read_all(reader);
            assert!(error.is_none(), "{name}: {error:?}");
            assert!(got == text, "{name}");
            assert_eq!(meter.bytes(), archive.len() as u64, "{name}: all of the archive counts");
            let (got, damage) = unpacked(&archive);
            assert!(got == text && damage.is_none(), "{name}: by content: {damage:?}");
        }
    }
}

#[test]
fn small_reads_give_the_same() {
    let text = lines(10_000);
    for format in FORMATS {
        let archive = packed(format, &text);
        for room in [1, 2, 3, 13, 4096] {
            let source = Drops(&archive[..], 0);
            let reader = Unpacker::new(source, format, Meter::default());
            let (got, error) = read_by(room, reader);
            assert!(got == text && error.is_none(), "{} into {room} bytes", format.name());
        }
    }
}

#[test]
fn members_follow_each_other() {
    let (first, second) = (lines(20_000), lines(3000));
    for one in FORMATS {
        for other in FORMATS {
            let empty = packed(one, b"");
            for padding in [0, 4, 300_000] {
                let name = format!("{}, {padding} zeros, {}", one.name(), other.name());
                let members =
                    [&packed(one, &first)[..], &empty, &vec![0; padding], &packed(other, &second)];
                let mut archive = members.concat();
                let (got, damage) = unpacked(&archive);
                assert!(damage.is_none(), "{name}: {damage:?}");
                assert!(got == [&first[..], &second].concat(), "{name}");
                archive.resize(archive.len() + padding, 0);
                assert!(unpacked(&archive) == (got, None), "{name}, and zeros at the end");
            }
        }
    }
}

#[test]
fn zstd_frames_to_be_skipped_are_skipped() {
    let skipped = b"\x50\x2a\x4d\x18\x08\0\0\0nothing!";
    let frame = packed(Format::Zstd, b"text\n");
    for archive in [[&skipped[..], &frame].concat(), [&frame[..], skipped].concat()] {
        assert_eq!(unpacked(&archive), (b"text\n".to_vec(), None));
    }
}

#[test]
fn what_follows_an_archive_and_is_none_is_told() {
    let text = lines(5000);
    for format in FORMATS {
        let archive = packed(format, &text);
        for (zeros, behind) in [(0, &b"\n"[..]), (0, b"plain text\n"), (512, b"x"), (0, b"BZh9")] {
            let whole = [&archive[..], &vec![0; zeros], behind].concat();
            let (got, damage) = unpacked(&whole);
            let packed = (archive.len() + zeros) as u64;
            let want = Damage { format, fault: Fault::Trailing, packed, text: 5000 };
            assert_eq!(damage, Some(want), "{}, {zeros}, {behind:?}", format.name());
            assert!(got == text);
        }
    }
}

#[test]
fn an_archive_cut_anywhere_gives_the_text_before_the_cut() {
    let text = lines(150_000);
    for format in FORMATS {
        let archive = packed(format, &text);
        // Below that a signature is incomplete, and the bytes are taken for text.
        let signature = if format == Format::Gzip { 2 } else { Format::SIGNATURE };
        let mut most = 0;
        for length in (signature..100).chain((100..archive.len()).step_by(997)) {
            let name = format!("{} cut at {length} of {}", format.name(), archive.len());
            let (got, damage) = unpacked(&archive[..length]);
            let damage = damage.unwrap_or_else(|| panic!("{name}: not told"));
            assert_eq!(damage.fault, Fault::Cut, "{name}");
            assert_eq!(damage.packed, length as u64, "{name}");
            assert_eq!(damage.text, got.len() as u64, "{name}");
            assert!(text.starts_with(&got), "{name}");
            assert!(got.len() >= most, "{name}: more of the archive gives no less text");
            most = got.len();
        }
        assert!(most > 0, "{}", format.name());
        let (got, damage) = unpacked(&archive[..archive.len() - 1]);
        assert_eq!(damage.unwrap().fault, Fault::Cut);
        assert!(got == text, "{}: only the end of the checksum lacks", format.name());
    }
}

#[test]
fn good_text_before_damage_is_not_lost() {
    let text = lines(600_000);
    for format in FORMATS {
        let mut archive = packed(format, &text);
        let middle = archive.len() / 2;
        archive[middle..middle + 64].fill(0xa5);
        let (got, damage) = unpacked(&archive);
        let damage = damage.unwrap_or_else(|| panic!("{}: not told", format.name()));
        assert_eq!(damage.text, got.len() as u64, "{}", format.name());
        let good = got.iter().zip(&text).take_while(|(a, b)| a == b).count();
        // Blocks are 100 KB of text in bzip2 and 128 KiB in zstd.
        assert!(good > 600_000 / 2 - 140_000, "{}: {good}", format.name());
    }
}

#[test]
fn where_damage_shows_does_not_depend_on_the_room() {
    let text = lines(250_000);
    for format in FORMATS {
        let whole = packed(format, &text);
        for at in (12..whole.len()).step_by(whole.len() / 17) {
            let mut archive = whole.clone();
            archive[at] ^= 0x55;
            let unpacker = || Unpacker::new(&archive[..], format, Meter::default());
            let (text, error) = read_all(unpacker());
            let damage = damage_of(error.as_ref());
            for room in [100, 5000, 1 << 20] {
                let (same, error) = read_by(room, unpacker());
                let name = format!("{}, byte {at}, room {room}", format.name());
                assert_eq!(damage_of(error.as_ref()), damage, "{name}");
                assert!(same == text, "{name}");
            }
        }
    }
}

#[test]
fn a_wrong_checksum_is_told() {
    let text = lines(3000);
    for (format, from_the_end) in [(Format::Gzip, 8), (Format::Bzip2, 3), (Format::Zstd, 1)] {
        let mut archive = packed(format, &text);
        let at = archive.len() - from_the_end;
        archive[at] ^= 0x10;
        let (got, damage) = unpacked(&archive);
        assert!(got == text, "{}", format.name());
        let fault = damage.map(|damage| damage.fault);
        assert!(matches!(fault, Some(Fault::Checksum | Fault::Damaged)), "{fault:?}");
    }
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    // A frame that asks for a window of 2 GiB.
    let zstd = b"\x28\xb5\x2f\xfd\x00\xa8\x01\0\0";
    let (_, damage) = unpacked(zstd);
    assert_eq!(damage.unwrap().fault, Fault::TooLarge);
    let options = &mut liblzma::stream::LzmaOptions::new_preset(0).unwrap();
    options.dict_size(1 << 29);
    let mut filters = liblzma::stream::Filters::new();
    filters.lzma2(options);
    let check = liblzma::stream::Check::Crc32;
    let stream = liblzma::stream::Stream::new_stream_encoder(&filters, check).unwrap();
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(b"text\n").unwrap();
    let (_, damage) = unpacked(&encoder.finish().unwrap());
    assert_eq!(damage.unwrap().fault, Fault::TooLarge);
}

#[test]
fn the_largest_window_that_is_usual_is_given() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(b"text\n").unwrap();
    assert_eq!(unpacked(&encoder.finish().unwrap()), (b"text\n".to_vec(), None));
}

#[test]
fn a_file_that_cannot_be_read_further_is_no_damaged_archive() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk"))
        }
    }
    let text = lines(100_000);
    for format in FORMATS {
        let archive = packed(format, &text);
        for length in [archive.len() / 2, archive.len()] {
            let reader = (&archive[..length]).chain(Fails);
            let (got, error) = read_all(Unpacker::new(reader, format, Meter::default()));
            assert_eq!(error.unwrap().to_string(), "disk", "{}", format.name());
            let (want, _) = unpacked(&archive[..length]);
            assert!(got == want, "{}: the text before it is given", format.name());
        }
    }
}

#[test]
fn a_message_tells_what_where_and_how_much() {
    for (fault, want) in [
        (Fault::Cut, "the gzip archive is cut off at byte 17 (compressed)"),
        (Fault::Damaged, "the gzip archive is damaged at byte 17 (compressed)"),
        (Fault::Checksum, "a checksum at byte 17"),
        (Fault::TooLarge, "more than 128 MiB of memory at byte 17"),
        (Fault::Unsupported, "not supported at byte 17"),
        (Fault::Trailing, "follows the archive at byte 17"),
    ] {
        let text = Damage { format: Format::Gzip, fault, packed: 17, text: 4711 }.to_string();
        assert!(text.contains(want) && text.contains("4711 bytes of text"), "{text}");
    }
}

#[test]
fn a_file_that_changes_under_its_reader_does_no_harm() {
    let folder = std::env::temp_dir().join(format!("mailwhy-{}-live", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("mail.log");
    let text = lines(50_000);
    let append = || std::fs::File::options().append(true).open(&path).unwrap();
    for (name, want, change) in [
        ("grows", 50_000, &(|| append().write_all(b"more\n").unwrap()) as &dyn Fn()),
        ("is renamed", 50_000, &|| {
            std::fs::rename(&path, folder.join("mail.log.1")).unwrap();
            std::fs::write(&path, "new\n").unwrap();
        }),
        ("is removed", 50_000, &|| std::fs::remove_file(&path).unwrap()),
        ("is cut", 1000, &|| append().set_len(1000).unwrap()),
        ("is emptied", 0, &|| append().set_len(0).unwrap()),
    ] {
        std::fs::write(&path, &text).unwrap();
        let held = hold(Input::Path(path.clone()));
        change();
        let opened = open(held, &Meter::default()).unwrap();
        let (got, error) = read_all(opened.reader);
        assert!(error.is_none() && got == text[..want], "{name}: {} bytes", got.len());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn any_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(FORMATS.to_vec())
}

proptest! {
    /// Never a panic, never without end, never more text than told.
    #[test]
    fn damaged_archives_do_no_harm(
        format in any_format(),
        text_length in 0_usize..20_000,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
        behind in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let text = lines(text_length);
        let whole = packed(format, &text);
        let mut archive = whole.clone();
        for (at, byte) in damage {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        if let Some(cut) = cut {
            archive.truncate(cut.index(archive.len()));
        }
        archive.extend(behind);
        let reader = Unpacker::new(&archive[..], format, Meter::default());
        let (got, error) = read_all(reader);
        if let Some(damage) = damage_of(error.as_ref()) {
            prop_assert_eq!(damage.text, got.len() as u64);
            prop_assert!(damage.packed <= archive.len() as u64);
        } else {
            // Damage may hit what no checksum covers (a name, a time), or make it an empty archive.
            prop_assert!(got == text || archive.starts_with(&[0]) || archive.is_empty(), "{format:?}");
        }
    }

    #[test]
    fn any_bytes_behind_a_signature_do_no_harm(
        format in any_format(),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let signature = &packed(format, b"")[..Format::SIGNATURE.min(9)];
        let (got, error) = read_all(Unpacker::new(
            &[signature, &bytes].concat()[..],
            format,
            Meter::default(),
        ));
        prop_assert!(got.len() < 100 << 20);
        prop_assert!(error.is_some() || got.is_empty());
    }
}
