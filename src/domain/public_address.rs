//! Which addresses are of the public internet, and which lead into networks that nobody outside is to reach through us.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::Host;

/// Whether an address is one that anybody on the internet may have: none of this machine, of private networks, of the link, for
/// many, or set aside for anything else (the registries of RFC 6890). One of IPv6 that is one of IPv4 is what that is; what is
/// translated or tunnelled to IPv4 is not public, wherever it leads.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether a host of a URL may lead to a public address, as far as can be told before its name is looked up.
#[must_use]
pub fn leads_outside(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = a == 192 && b == 0 && c == 0;
    let is_for_benchmarks = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 224
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || is_shared
        || is_for_protocols
        || is_for_benchmarks)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // What is given out is all in 2000::/3.
    let is_given_out = first & 0xE000 == 0x2000;
    let is_documentation = (first == 0x2001 && second == 0x0DB8) || (first == 0x3FFF && second < 0x1000);
    // Teredo, ORCHID, benchmarks and the like; 6to4.
    let is_for_protocols = (first == 0x2001 && second < 0x0200) || first == 0x2002;
    is_given_out && !is_documentation && !is_for_protocols
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(texts: &[&str]) -> Vec<bool> {
        texts.iter().map(|text| is_public(text.parse().expect("an address"))).collect()
    }

    #[test]
    fn what_is_public_is_told_from_what_is_not() {
        let public = [
            "8.8.8.8",
            "1.1.1.1",
            "192.88.99.1",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "2001:4860::1",
            "2a00:1450::8a",
        ];
        assert_eq!(all(&public), vec![true; public.len()]);
        let private = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "2002:7f00:1::",
            "2002:808:808::",
            "2001:0:1::",
            "fd00::1",
            "2001:db8::1",
            "2001::1",
            "fc00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        assert_eq!(all(&private), vec![false; private.len()]);
    }

    proptest! {
        #[test]
        fn an_address_is_the_same_however_it_is_written(bits: u32) {
            let plain = Ipv4Addr::from(bits);
            prop_assert_eq!(is_public(IpAddr::V6(plain.to_ipv6_mapped())), is_public(IpAddr::V4(plain)));
        }
    }
}
