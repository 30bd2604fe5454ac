//! What one isolate holds between requests.

use std::cell::RefCell;
use std::rc::Rc;

use lotwise_core::Scratch;
use lotwise_serving::{Reader, Settings, settings_from_vars};
use worker::{Env, Queue, RateLimiter};

use crate::border::Wanted;
use crate::keeper::Keeper;
use crate::source::EdgeSource;

/// Where snapshots are read unless `CONFIG_BASE_URL` says otherwise.
const DEFAULT_BASE_URL: &str = "http://localhost:9000/experiment-configs";

/// Binding of an R2 bucket to read instead of `CONFIG_BASE_URL`.
const BUCKET: &str = "SNAPSHOTS";
/// Binding of the queue that takes events.
const EVENTS: &str = "EVENTS";
/// Binding of the queue that takes messages which nobody else does.
const DEAD_EVENTS: &str = "DEAD_EVENTS";
/// Binding of a rate limiter.
const RATE_LIMITER: &str = "RATE_LIMITER";

/// The period of Cloudflare's rate limiters is 10 or 60 seconds, and they do not tell which.
const DEFAULT_RATE_LIMIT_PERIOD: u64 = 60;

thread_local! {
    /// Variables and bindings are the same for all requests of an isolate. Lost, like all memory,
    /// when a panic makes the instance anew; the Cache API still has the snapshots then.
    static HOST: RefCell<Option<Rc<Host>>> = const { RefCell::new(None) };
}

/// Settings, snapshots and bindings.
pub(crate) struct Host {
    pub(crate) settings: Settings,
    pub(crate) reader: Reader<EdgeSource>,
    pub(crate) scratch: RefCell<Scratch>,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) events: Option<Queue>,
    pub(crate) dead_events: Option<Queue>,
    pub(crate) keeper: Option<Keeper>,
}

/// A rate limiter and how long those who are over the limit are told to wait.
pub(crate) struct Limiter {
    pub(crate) binding: RateLimiter,
    pub(crate) period_seconds: u64,
}

impl Host {
    /// The host of this isolate, made on first use.
    ///
    /// # Errors
    ///
    /// Which variable cannot be used, and why.
    pub(crate) fn of(env: &Env) -> Result<Rc<Self>, String> {
        HOST.with_borrow_mut(|host| match host {
            Some(host) => Ok(Rc::clone(host)),
            None => {
                let made = Rc::new(Self::new(env)?);
                *host = Some(Rc::clone(&made));
                Ok(made)
            }
        })
    }

    /// The headers that these settings look at.
    pub(crate) fn wanted(&self) -> Wanted {
        Wanted {
            origin: !self.settings.cors_origins.is_empty(),
            cookie: !self.settings.sticky_keys.is_empty(),
            client: self.limiter.is_some(),
        }
    }

    fn new(env: &Env) -> Result<Self, String> {
        let (settings, reading) = settings_from_vars(|name| var(env, name))?;
        let base_url = var(env, "CONFIG_BASE_URL").filter(|url| !url.is_empty());
        let base_url = base_url.unwrap_or_else(|| DEFAULT_BASE_URL.into());
        let source = EdgeSource {
            base_url: base_url.trim_end_matches('/').to_owned(),
            bucket: env.bucket(BUCKET).ok(),
            fetch_timeout: reading.fetch_timeout,
        };
        let period = var(env, "RATE_LIMIT_PERIOD").filter(|text| !text.is_empty()).map(|text| text.parse());
        let period_seconds = period.unwrap_or(Ok(DEFAULT_RATE_LIMIT_PERIOD));
        let period_seconds = period_seconds.map_err(|_| "RATE_LIMIT_PERIOD: this is no number of seconds")?;
        let limiter = env.rate_limiter(RATE_LIMITER).ok();
        let limiter = limiter.map(|binding| Limiter { binding, period_seconds });
        let text = |name| var(env, name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let api_url = text("CONTROL_API_URL");
        if api_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err("CONTROL_API_URL: this must begin with http:// or https://".into());
        }
        let keeper = api_url.map(|url| Keeper::new(&url, text("EVENTS_KEY"), source.fetch_timeout));
        Ok(Self {
            settings,
            reader: Reader::new(source, reading),
            scratch: RefCell::default(),
            limiter,
            events: env.queue(EVENTS).ok(),
            dead_events: env.queue(DEAD_EVENTS).ok(),
            keeper,
        })
    }
}

/// A variable or a secret. `true` and `10` in wrangler.toml, without quotes, mean what they say.
fn var(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &name.into()).ok()?;
    let boolean = || value.as_bool().map(|boolean| boolean.to_string());
    let number = || value.as_f64().map(|number| number.to_string());
    value.as_string().or_else(boolean).or_else(number)
}
