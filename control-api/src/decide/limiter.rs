//! Rate limits per client.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::RateLimit;

/// An address, and which known key it presents. Unknown keys do not count: everybody can make them.
type Client = (IpAddr, Option<usize>);

/// A token bucket for each client.
#[derive(Debug)]
pub(super) struct Limiter(DefaultKeyedRateLimiter<Client>);

impl Limiter {
    /// `None` when a rate of zero would let nobody in.
    pub(super) fn new(limit: RateLimit) -> Option<Self> {
        let quota = Quota::per_second(NonZeroU32::new(limit.per_second)?);
        let quota = NonZeroU32::new(limit.burst).map_or(quota, |burst| quota.allow_burst(burst));
        Some(Self(RateLimiter::keyed(quota)))
    }

    /// Takes a token; `Err` says after how many seconds there will be one.
    pub(super) fn take(&self, address: IpAddr, key: Option<usize>) -> Result<(), u64> {
        self.0.check_key(&(address, key)).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    /// Forgets clients whose buckets are full again.
    pub(super) fn forget_rested(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}
