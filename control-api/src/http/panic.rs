//! Panics: a mistake of ours costs one answer, not the connection.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Waits for an answer. A panic on the way to it is answered with 500.
pub(super) async fn catch_panic(answer: impl Future<Output = Response>) -> Response {
    let mut answer = pin!(answer);
    poll_fn(|context| {
        // Nobody polls the future again after a panic, so nobody sees what it left half-done.
        match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(cause) => Poll::Ready(problem_of(&*cause).into_response()),
        }
    })
    .await
}

fn problem_of(cause: &(dyn Any + Send)) -> Problem {
    let text = cause.downcast_ref::<&str>().copied();
    let text = text.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    Problem::internal(&format!("panic: {}", text.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    #[test]
    fn a_panic_is_answered() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = |panics: bool| {
            let answer = async move {
                assert!(!panics, "on purpose");
                ready(()).await;
                Response::default()
            };
            runtime.block_on(catch_panic(answer)).status().as_u16()
        };
        assert_eq!(answer(false), 200);
        assert_eq!(answer(true), 500);
    }
}
