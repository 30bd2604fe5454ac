//! Events on their way out of the queue.

use futures_util::future::join_all;
use lotwise_serving::{Delivery, Message};
use worker::{Date, Env, MessageBatch, MessageExt as _, QueueRetryOptionsBuilder, RawMessage};

use crate::host::Host;
use crate::keeper::{Keeper, Parcel};

/// As much of an answer as is logged.
const MAX_LOGGED_CHARS: usize = 500;

/// Brings each message of a batch to the control API. What is not kept comes again later; the queue gives up
/// as its settings say, and so does this for what the control API will never take.
pub(crate) async fn deliver(batch: &MessageBatch<String>, env: &Env) {
    let host = match Host::of(env) {
        Ok(host) => host,
        Err(fault) => {
            worker::console_error!("the Worker is not set up: {fault}");
            batch.retry_all();
            return;
        }
    };
    let Some(keeper) = &host.keeper else {
        worker::console_error!("CONTROL_API_URL is not set: events stay in the queue");
        batch.retry_all();
        return;
    };
    join_all(batch.raw_iter().map(|message| deliver_one(&host, keeper, message))).await;
}

async fn deliver_one(host: &Host, keeper: &Keeper, raw: RawMessage) {
    let text = raw.body().as_string().unwrap_or_default();
    let Some(message) = Message::parse(&text) else {
        worker::console_error!("a message in the queue is not of this Worker's making");
        return bury(host, &raw, text).await;
    };
    let answer = keeper
        .bring(&Parcel {
            content_type: "application/json",
            body: message.body.as_bytes(),
            is_verified: message.is_verified,
            request_id: message.request_id,
        })
        .await;
    let said = answer.as_ref().map(|it| String::from_utf8_lossy(&it.body).into_owned()).unwrap_or_default();
    let (status, retry_after) = answer.map_or((None, None), |it| (Some(it.status), it.retry_after));
    match Delivery::of(status, retry_after, waited_seconds(&raw)) {
        Delivery::Done => {
            if !said.contains("\"refused\":[]") {
                worker::console_warn!("events are refused: {}", shown(&said));
            }
            raw.ack();
        }
        Delivery::Again { delay_seconds } => {
            worker::console_warn!("events are not kept ({status:?}): again in {delay_seconds} s");
            let options = QueueRetryOptionsBuilder::new().with_delay_seconds(delay_seconds).build();
            raw.retry_with_options(&options);
        }
        Delivery::Dead => {
            worker::console_error!("events will never be taken ({status:?}): {}", shown(&said));
            bury(host, &raw, text).await;
        }
    }
}

/// Puts a message where somebody can look at it, if there is such a place. Answers tell no user's data, and so
/// the log does not either.
async fn bury(host: &Host, raw: &RawMessage, text: String) {
    if let Some(dead) = &host.dead_events
        && !crate::handler::put(dead, text).await
    {
        raw.retry();
        return;
    }
    raw.ack();
}

fn waited_seconds(message: &RawMessage) -> u32 {
    let waited = Date::now().as_millis().saturating_sub(message.timestamp().as_millis()) / 1000;
    u32::try_from(waited).unwrap_or(u32::MAX)
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_LOGGED_CHARS).collect()
}
