//! Ten thousand subjects at a hundred experiments: the same bytes from both hosts.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::ready;

use anyhow::{Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lotwise_dev::{Answer, Api, Method, Role};
use lotwise_e2e::{Subjects, edge, put_document, varied_document};
use serde_json::json;

const SUBJECTS: u64 = 10_000;
const AT_ONCE: usize = 32;
const KEY: &str = "sk_server";
const SOME: &str = "explain=true&experiments=f0-exp-001,f1-exp-010,f3-exp-005,f4-exp-003,ghost";
/// What the documents are to bring about; the rest are faults of documents.
const REASONS: [&str; 11] = [
    "CONCLUDED",
    "EXCLUDED_BY_GROUP",
    "HOLDOUT",
    "NO_BUCKETING_KEY",
    "NOT_IN_TRAFFIC",
    "OVERRIDE",
    "PREREQUISITE_FAILED",
    "RULE",
    "SPLIT",
    "STICKY",
    "TARGETING_MISMATCH",
];

/// Subject number so and so, asked for in one way or another.
async fn ask(root: &Api, subjects: &Subjects, number: u64) -> Result<Answer> {
    let subject = subjects.subject(number);
    let headers = [("x-api-key", KEY)];
    let query = subject.query("varied");
    match number % 4 {
        0 => root.send(Method::GET, &format!("/decide?{query}"), &headers, None).await,
        1 => root.send(Method::GET, &format!("/decide?{query}&{SOME}"), &headers, None).await,
        2 => {
            let body = json!({"user_key": subject.user_key, "env": "varied", "context": subject.context});
            root.send(Method::POST, "/decide", &headers, Some(body.to_string())).await
        }
        _ => {
            let sticky = json!({"f0-exp-003": "control", "f1-exp-005": "treatment", "f2-exp-008": "gone"});
            let body = json!({"user_key": subject.user_key, "env": "varied", "context": subject.context,
                              "explain": true, "sticky": sticky});
            root.send(Method::POST, "/decide", &headers, Some(body.to_string())).await
        }
    }
}

#[tokio::test]
async fn native_and_edge_answer_ten_thousand_subjects_in_the_same_bytes() -> Result<()> {
    let stack = lotwise_e2e::stack().await?;
    put_document(&stack.store, &varied_document()?)?;
    let settings = [("SECRET_KEYS", KEY)];
    let mut server = stack.another_server(Role::Decide, &settings).await?;
    let mut worker = edge(&stack, &settings).await?;
    let (native, at_edge, subjects) = (&server.root(), &worker.root(), &Subjects::new()?);
    let reasons = &RefCell::new(BTreeSet::<&str>::new());

    let compare = async |number| -> Result<()> {
        let (one, other) = tokio::try_join!(ask(native, subjects, number), ask(at_edge, subjects, number))?;
        ensure!(one.status == 200, "{}: {}", one.request, one.text);
        ensure!(
            (one.status, &one.text, one.header("etag")) == (other.status, &other.text, other.header("etag")),
            "{}:\n{}\nis not {}",
            one.request,
            one.text,
            other.text
        );
        let found = REASONS.iter().filter(|reason| one.text.contains(&format!("\"reason\":\"{reason}\"")));
        reasons.borrow_mut().extend(found);
        Ok(())
    };
    let compared = stream::iter(0..SUBJECTS).map(compare).buffer_unordered(AT_ONCE);
    compared.try_for_each(|()| ready(Ok(()))).await?;
    assert_eq!(reasons.borrow().len(), REASONS.len(), "{:?}", reasons.borrow());

    worker.stop().await?;
    server.stop().await?;
    stack.stop().await
}
