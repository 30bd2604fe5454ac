//! Whose request it is.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use lotwise_serving::client_network;

/// The client's address: the peer's, or, behind proxies, the entry of `X-Forwarded-For` that the
/// outermost of them wrote. What stands further left anybody could have sent.
pub(super) fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted_proxy_hops: usize) -> IpAddr {
    let entries = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = entries.flat_map(|value| value.split(',')).map(str::trim).collect();
    let position = entries.len().checked_sub(trusted_proxy_hops).filter(|_| trusted_proxy_hops > 0);
    let forwarded = position.and_then(|position| entries.get(position)?.parse().ok());
    client_network(forwarded.unwrap_or_else(|| peer.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(forwarded: &[&str], hops: usize) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().expect("a header"));
        }
        client_address(([10, 0, 0, 1], 1234).into(), &headers, hops).to_string()
    }

    #[test]
    fn only_configured_proxies_are_believed() {
        assert_eq!(address(&["1.1.1.1"], 0), "10.0.0.1");
        assert_eq!(address(&["6.6.6.6, 1.1.1.1"], 1), "1.1.1.1");
        assert_eq!(address(&["6.6.6.6", "1.1.1.1, 2.2.2.2"], 2), "1.1.1.1");
        assert_eq!(address(&["1.1.1.1"], 2), "10.0.0.1", "fewer entries than proxies");
        assert_eq!(address(&["nonsense"], 1), "10.0.0.1");
        assert_eq!(address(&["2001:db8:1:2:3:4:5:6"], 1), "2001:db8:1:2::");
    }
}
