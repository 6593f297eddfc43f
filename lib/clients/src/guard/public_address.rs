//! Which addresses and names are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one that the public internet routes to somebody.
///
/// For IPv6 this is an allow list (global unicast without the blocks that wrap or mimic something else), so an IPv4
/// address in any IPv6 clothing (mapped, compatible, 6to4, NAT64, Teredo) is refused whatever it wraps.
#[must_use]
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

pub(crate) fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let blocked = match (a, b, c, d) {
        (0 | 10 | 127, ..) => true,  // this network, private, loopback
        (100, 64..=127, ..) => true, // carrier-grade NAT
        (169, 254, ..) => true,      // link-local, where clouds keep their metadata
        (168, 63, 129, 16) => true,  // Azure's host agent, on a public-looking address
        (172, 16..=31, ..) => true,  // private
        (192, 0, 0 | 2, _) => true,  // protocol assignments, documentation
        (192, 88, 99, _) => true,    // 6to4 relays
        (192, 168, ..) => true,      // private
        (198, 18..=19, ..) => true,  // benchmarking
        (198, 51, 100, _) | (203, 0, 113, _) => true, // documentation
        (224.., ..) => true,         // multicast, reserved, broadcast
        _ => false,
    };
    !blocked
}

pub(crate) fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global_unicast = (0x2000..=0x3fff).contains(&a);
    let blocked = match (a, b) {
        (0x2001, 0x0000..=0x01ff) => true, // Teredo, benchmarking, ORCHID and other protocol assignments
        (0x2001, 0x0db8) => true,          // documentation
        (0x2002, _) => true,               // 6to4
        (0x3fff, 0x0000..=0x0fff) => true, // documentation
        _ => false,
    };
    global_unicast && !blocked
}

/// Names that no public file lives under: without a dot, or below a suffix that is reserved or customary for the inside.
pub(crate) fn is_local_name(name: &str) -> bool {
    const INSIDE: [&str; 12] = [
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "arpa",
        "test",
        "invalid",
    ];
    let name = name.trim_end_matches('.');
    match name.rsplit_once('.') {
        None => true,
        Some((_, suffix)) => INSIDE
            .iter()
            .any(|inside| suffix.eq_ignore_ascii_case(inside)),
    }
}
