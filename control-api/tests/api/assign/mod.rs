//! Persistent assignment.

mod bodies;
mod bulk;
mod concurrent;
mod extractor;
mod library;
mod order;
mod stays;

use serde_json::{Value, json};

use crate::support::{Answer, Server};

impl Server {
    /// Assigns a user of whom nothing is known.
    pub(crate) async fn assign(&self, experiment: &str, user_key: &str) -> Value {
        self.try_assign(experiment, &json!({"user_key": user_key})).await.expect(200)
    }

    /// Whatever the answer is.
    pub(crate) async fn try_assign(&self, experiment: &str, body: &Value) -> Answer {
        self.post(&format!("/api/experiments/{experiment}/assign"), body).await
    }

    /// Gives all buckets to one variant.
    pub(crate) async fn give_all(&self, experiment: &str, variant: &str) {
        let all = json!({"allocations": [{"variant": variant, "rangeStart": 0, "rangeEnd": 9999}]});
        self.put(&format!("/api/experiments/{experiment}/allocations"), &all).await.expect(200);
    }
}
