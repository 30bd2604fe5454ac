//! What becomes of a message that was brought to whoever keeps events.

/// The longest wait before a message is brought again, in seconds.
const MAX_DELAY_SECONDS: u32 = 300;

/// What to do with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is kept, and the queue may forget it.
    Done,
    /// Bring it again after so many seconds.
    Again {
        /// At least one.
        delay_seconds: u32,
    },
    /// It will never be taken: its form is wrong, or none of its events is for this server.
    Dead,
}

impl Delivery {
    /// From the answer's status, none when there was no answer, its `Retry-After`, and how long the message
    /// has been waiting, both in seconds: it waits as long again, so that waits double.
    ///
    /// A key that is not let in is no fault of the message: it waits until the key is put right.
    pub fn of(status: Option<u16>, retry_after_seconds: Option<u32>, waited_seconds: u32) -> Self {
        match status {
            Some(200..=299) => Self::Done,
            Some(400 | 413 | 415 | 422) => Self::Dead,
            _ => {
                let delay = waited_seconds.max(retry_after_seconds.unwrap_or(1)).clamp(1, MAX_DELAY_SECONDS);
                Self::Again { delay_seconds: delay }
            }
        }
    }
}
