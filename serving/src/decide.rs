//! `/decide`: who gets what.

use std::borrow::Cow;

use lotwise_core::{
    Context, Evaluation, ExperimentId, Scratch, Snapshot, Sticky, Subject, push_assignments, push_json_string,
};

use crate::access::Access;
use crate::etag::{etag, matches};
use crate::fields::Fields;
use crate::problem::{Problem, rate_limited};
use crate::published::Published;
use crate::question::Question;
use crate::request::{Method, Request};
use crate::response::Response;
use crate::settings::Settings;
use crate::sticky::{Memory, StickyCookies};

/// What a body is given room for at first.
const USUAL_ASSIGNMENT_BYTES: usize = 128;
const MAX_EXPECTED_ASSIGNMENTS: usize = 100;

/// A checked decide request that waits for its snapshot.
#[derive(Debug)]
pub(crate) struct DecideCall<'r> {
    environment: Cow<'r, str>,
    user_key: Cow<'r, str>,
    context: Context<'static>,
    experiments: Option<Vec<String>>,
    explain: bool,
    sticky: Option<Sticky>,
    cookies: Option<StickyCookies<'r>>,
    if_none_match: Option<&'r str>,
    request_id: &'r str,
}

impl<'r> DecideCall<'r> {
    pub(crate) fn parse(
        settings: &'r Settings,
        request: &Request<'r>,
        access: Access<'_>,
    ) -> Result<Self, Problem> {
        let mut fields = match request.method {
            Method::Post => Fields::from_body(request.text()?)?,
            _ => Fields::from_query(request.query.unwrap_or_default()),
        };
        fields.check()?;
        if fields.explain && !access.may_explain {
            let detail = "explain needs a secret key or the explain token.";
            return Err(Problem::new(403, "explain_not_allowed", detail));
        }
        if fields.sticky.is_some() && !access.may_bring_sticky {
            let detail = "sticky state bypasses targeting, so it is taken with a secret key only.";
            return Err(Problem::new(403, "sticky_not_allowed", detail));
        }
        access.require(fields.environment.as_deref().unwrap_or_default())?;
        // A caller that brings the state itself keeps it itself.
        let cookies = StickyCookies::of(settings, request).filter(|_| fields.sticky.is_none());
        Ok(Self {
            environment: fields.environment.unwrap_or_default(),
            user_key: fields.user_key.unwrap_or_default(),
            context: fields.context.unwrap_or_default(),
            experiments: fields.experiments,
            explain: fields.explain,
            sticky: fields.sticky,
            cookies,
            if_none_match: request.if_none_match,
            request_id: request.request_id,
        })
    }

    fn etag(&self, published: &Published, subject: &Subject<'_>) -> String {
        let mut question = vec!["decide", if self.explain { "explain" } else { "" }];
        if let Some(experiments) = &self.experiments {
            question.push("only");
            question.extend(experiments.iter().map(String::as_str));
        }
        etag(published, subject, &question)
    }

    fn body(
        &self,
        published: &Published,
        subject: &Subject<'_>,
        scratch: &mut Scratch,
        memory: Option<&mut Memory<'_>>,
    ) -> Vec<u8> {
        let snapshot = published.snapshot();
        let assignments = snapshot.experiments().count().min(MAX_EXPECTED_ASSIGNMENTS);
        let capacity = 128 + self.user_key.len() + assignments * USUAL_ASSIGNMENT_BYTES;
        let mut head = String::with_capacity(capacity);
        head.push_str("{\"user_key\":");
        push_json_string(&mut head, &self.user_key);
        head.push_str(",\"environment\":");
        push_json_string(&mut head, &self.environment);
        head.push_str(",\"config_version\":");
        head.push_str(&snapshot.version().to_string());
        head.push_str(",\"assignments\":");
        let mut body = head.into_bytes();
        let mut evaluation = Evaluation::new(snapshot, subject, scratch);
        match &self.experiments {
            None => push_assignments(&mut body, &mut evaluation, snapshot.experiments()),
            Some(keys) => push_assignments(&mut body, &mut evaluation, named(snapshot, keys).into_iter()),
        }
        if self.explain || memory.is_some() {
            let experiments = match &self.experiments {
                None => snapshot.experiments().collect(),
                Some(keys) => named(snapshot, keys),
            };
            if self.explain {
                push_decisions(&mut body, &mut evaluation, &experiments);
            }
            if let Some(memory) = memory {
                memory.learn(&mut evaluation, experiments);
            }
        }
        body.push(b'}');
        body
    }
}

impl Question for DecideCall<'_> {
    fn environment(&self) -> &str {
        &self.environment
    }

    fn answer_absent(&self) -> Response {
        let detail = format!("Environment {:?} has no published configuration.", self.environment);
        Problem::new(404, "no_published_config", detail).response(self.request_id)
    }

    fn answer_unavailable(&self) -> Response {
        let detail = "The configuration cannot be loaded right now, and none is held. Try again.";
        Problem::new(503, "config_unavailable", detail).response(self.request_id)
    }

    fn answer_rate_limited(&self, retry_after_seconds: u64) -> Response {
        rate_limited(retry_after_seconds, self.request_id)
    }

    fn answer(&self, published: &Published, scratch: &mut Scratch) -> Response {
        let subject = match Subject::new(&self.user_key, &self.context) {
            Ok(subject) => subject,
            Err(error) => {
                return Problem::new(400, "invalid_user_key", error.to_string()).response(self.request_id);
            }
        };
        let mut memory =
            self.cookies.and_then(|cookies| Memory::recall(cookies, published.snapshot(), &self.user_key));
        let recalled = memory.as_ref().map(Memory::sticky);
        let subject = match self.sticky.as_ref().or(recalled.as_ref()) {
            Some(sticky) => subject.with_sticky(sticky),
            None => subject,
        };
        let tag = self.etag(published, &subject);
        let is_stale = memory.as_ref().is_some_and(Memory::is_stale);
        let response = if !is_stale && matches(self.if_none_match, &tag) {
            Response::empty(304)
        } else {
            Response::json(200, self.body(published, &subject, scratch, memory.as_mut()))
        };
        let mut response =
            response.with_header("etag", tag).with_header("cache-control", "private, no-cache");
        response.headers.extend(memory.and_then(|memory| memory.header()));
        response
    }
}

/// The experiments of these keys, each once, in key order; unknown keys have none.
fn named(snapshot: &Snapshot, keys: &[String]) -> Vec<ExperimentId> {
    let mut experiments: Vec<ExperimentId> = keys.iter().filter_map(|key| snapshot.experiment(key)).collect();
    experiments.sort_unstable();
    experiments.dedup();
    experiments
}

fn push_decisions(body: &mut Vec<u8>, evaluation: &mut Evaluation<'_>, experiments: &[ExperimentId]) {
    body.extend_from_slice(b",\"decisions\":[");
    for (position, experiment) in experiments.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        push_decision(body, evaluation, *experiment);
    }
    body.push(b']');
}

fn push_decision(body: &mut Vec<u8>, evaluation: &mut Evaluation<'_>, experiment: ExperimentId) {
    let snapshot = evaluation.snapshot();
    let decision = evaluation.decide(experiment);
    let mut text = String::from("{\"experiment_key\":");
    push_json_string(&mut text, snapshot.experiment_key(experiment));
    text.push_str(",\"variant_key\":");
    match snapshot.variant(decision) {
        Some(variant) => push_json_string(&mut text, variant.key),
        None => text.push_str("null"),
    }
    text.push_str(",\"reason\":");
    push_json_string(&mut text, decision.reason.name());
    text.push_str(",\"bucket\":");
    match evaluation.bucket(experiment) {
        Some(bucket) => text.push_str(&bucket.to_string()),
        None => text.push_str("null"),
    }
    text.push('}');
    body.extend_from_slice(text.as_bytes());
}
