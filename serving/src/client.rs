//! Whose request it is, as far as rate limits care.

use std::net::{IpAddr, Ipv6Addr};

/// The network of a client: an IPv4 address, or the /64 that a client with IPv6 usually has to
/// itself, whose addresses would otherwise have as many limits.
pub fn client_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}
