//! Batches of events, without a host.

use lotwise_serving::{Call, Delivery, Message, Request, Response, max_body_bytes, route};
use serde_json::{Value, json};

use crate::support::{PUBLISHABLE, body, request, settings};

const ID: &str = "01a1fd49-1a15-7479-8c67-5a6393132135";

/// What the queue gets, and the answer once it has it. No message when nothing is for the queue.
fn send(content_type: &str, text: &str) -> (Vec<String>, Response) {
    let settings = settings(false);
    let asked = Request {
        content_type: Some(content_type),
        body: Some(text.as_bytes()),
        ..request("POST", "/events")
    };
    match route(&settings, &asked) {
        Call::Events(call, _) => (call.messages(), call.answer_accepted()),
        Call::Answered(response) => (Vec::new(), response),
        call => panic!("no events: {call:?}"),
    }
}

fn event(members: &Value) -> Value {
    let mut event =
        json!({"id": ID, "type": "track", "environment": "prod", "user_key": "u", "event_name": "buy"});
    for (name, value) in members.as_object().expect("an object") {
        event[name] = value.clone();
    }
    event
}

fn batch(events: &[Value]) -> String {
    json!({ "events": events }).to_string()
}

/// Events with this much in them.
fn filled(events: usize, bytes: usize) -> Vec<Value> {
    let text = "x".repeat(bytes);
    (0..events).map(|number| event(&json!({"value": number, "properties": {"x": text}}))).collect()
}

/// The body that a message carries.
fn carried(message: &str) -> &str {
    Message::parse(message).expect("a message").body
}

#[test]
fn events_pass_as_they_were_sent() {
    let one = format!(
        r#"{{"id":"{ID}", "type":"exposure","environment":"prod","user_key":"é","value":1.0,"experiment_key":"a","variant_key":"b"}}"#
    );
    let other = format!(
        r#"{{"\u0069d":"{ID}","user_key":"u","type":"track","environment":"dev","event_name":"e","properties":{{"a":[1, 2e2]}}}}"#
    );
    let batch = format!("{{\"events\":[{one},{other}]}}");
    for (content_type, text) in [
        ("application/json", format!("{{ \"events\" : [ {one} ,\n {other} ] }}")),
        ("application/json; charset=utf-8", batch.clone()),
        ("application/x-ndjson", format!("{one}\n{other}\n")),
        ("Application/X-NDJSON", format!("\r\n{one}\r\n\r\n {other}")),
        ("text/plain;charset=UTF-8", batch.clone()),
        ("text/plain", format!("{one}\n{other}")),
    ] {
        let (messages, answer) = send(content_type, &text);
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(carried(message), batch, "{content_type}: {text}");
        assert_eq!((answer.status, body(&answer)), (202, json!({"accepted": 2, "refused": []})));
    }
    assert_eq!(carried(&send("text/plain", &one).0[0]), format!("{{\"events\":[{one}]}}"), "a single line");
}

#[test]
fn messages_tell_who_sent_them() {
    let (messages, _) = send("application/json", &batch(&[event(&json!({}))]));
    let message = Message::parse(&messages[0]).expect("a message");
    assert!(!message.is_verified);
    assert_eq!(message.request_id, request("POST", "/events").request_id);
    // As Workers wrote them before they told.
    let bare = r#"{"events":[]}"#;
    assert_eq!(Message::parse(bare), Some(Message { is_verified: false, request_id: "", body: bare }));
    for no_message in ["", "{}", "{}\n{}", "x\ny"] {
        assert_eq!(Message::parse(no_message), None, "{no_message}");
    }
}

#[test]
fn messages_are_brought_again_until_they_are_kept_or_will_never_be() {
    let again = |delay_seconds| Delivery::Again { delay_seconds };
    assert_eq!(Delivery::of(Some(202), None, 1), Delivery::Done);
    for status in [400, 413, 415, 422] {
        assert_eq!(Delivery::of(Some(status), None, 1), Delivery::Dead);
    }
    // A wrong key is put right some day, and so is an address that leads nowhere.
    for status in [None, Some(401), Some(403), Some(404), Some(429), Some(500), Some(503)] {
        assert_eq!(Delivery::of(status, None, 1), again(1), "{status:?}");
    }
    assert_eq!(Delivery::of(Some(503), Some(7), 1), again(7));
    assert_eq!(Delivery::of(Some(503), Some(7), 16), again(16));
    assert_eq!(Delivery::of(None, None, u32::MAX), again(300));
    assert_eq!(Delivery::of(Some(429), Some(u32::MAX), 1), again(300));
}

#[test]
fn bad_events_are_refused_one_by_one() {
    let bad = [
        (json!(5), "malformed_event"),
        (json!([]), "malformed_event"),
        (event(&json!({"id": null})), "invalid_id"),
        (event(&json!({"id": "01a1fd491a1574798c675a6393132135"})), "invalid_id"),
        (event(&json!({"id": ID.replace('a', "g")})), "invalid_id"),
        (event(&json!({"type": "click"})), "invalid_type"),
        (event(&json!({"environment": "Prod"})), "invalid_environment"),
        (event(&json!({"environment": "admin"})), "invalid_environment"),
        (event(&json!({"user_key": ""})), "invalid_user_key"),
        (event(&json!({"user_key": 7})), "invalid_user_key"),
        (event(&json!({"user_key": "u".repeat(513)})), "invalid_user_key"),
        (event(&json!({"properties": {"x": "x".repeat(100_000)}})), "event_too_large"),
        (event(&json!({"event_name": null})), "invalid_event_name"),
        (event(&json!({"value": "x"})), "invalid_value"),
        (event(&json!({"value": 1e16})), "invalid_value"),
        (event(&json!({"timestamp": "now"})), "invalid_timestamp"),
        (event(&json!({"properties": []})), "invalid_properties"),
        (event(&json!({"typo": 1})), "unknown_field"),
        (event(&json!({"type": "exposure"})), "invalid_experiment_key"),
    ];
    for (refused, code) in bad {
        let (messages, answer) = send("application/json", &batch(&[event(&json!({})), refused.clone()]));
        assert_eq!((messages.len(), answer.status), (1, 202), "{code}");
        let said = body(&answer);
        assert_eq!((&said["accepted"], &said["refused"][0]["index"]), (&json!(1), &json!(1)), "{code}");
        assert_eq!(said["refused"][0]["code"], code, "{said}");
        assert!(!said["refused"][0]["detail"].as_str().expect("a detail").is_empty());

        let (messages, answer) = send("application/json", &batch(&[refused]));
        assert_eq!((messages.len(), answer.status), (0, 422), "{code}");
        assert_eq!(body(&answer)["errors"][0]["pointer"], "/events/0");
        assert_eq!(body(&answer)["errors"][0]["code"], code);
    }
    let twice = format!("{}\n{{\"id\":\"{ID}\",\"id\":\"{ID}\"}}\n{{", event(&json!({})));
    let said = body(&send("application/x-ndjson", &twice).1);
    assert_eq!(said["refused"][0]["code"], "duplicate_field");
    assert_eq!(said["refused"][1]["code"], "malformed_event");
}

#[test]
fn messages_fit_into_a_queue_and_leave_nothing_out() {
    for (events, bytes) in [(1, 99_000), (10, 60_000), (20, 33_000), (1000, 900), (0, 0)] {
        let sent = filled(events, bytes);
        let (messages, answer) = send("application/json", &batch(&sent));
        assert!(messages.iter().all(|message| message.len() <= 100_000));
        let arrived: Vec<Value> = messages
            .iter()
            .flat_map(|message| {
                let message: Value = serde_json::from_str(carried(message)).expect("JSON");
                message["events"].as_array().expect("events").clone()
            })
            .collect();
        assert_eq!(arrived, sent);
        assert_eq!(body(&answer)["accepted"], events);
    }
}

#[test]
fn the_largest_event_fills_a_message() {
    let empty = event(&json!({"properties": {"x": ""}})).to_string().len();
    let room = 100_000 - 320 - batch(&[]).len() - empty;
    let sized = |bytes: usize| batch(&[event(&json!({"properties": {"x": "x".repeat(bytes)}}))]);
    let (messages, _) = send("application/json", &sized(room));
    assert!((99_000..=100_000).contains(&messages[0].len()), "{}", messages[0].len());
    let (_, answer) = send("application/json", &sized(room + 1));
    assert_eq!(answer.status, 422);
}

#[test]
fn impossible_batches_are_refused() {
    let status = |content_type, text: &str| send(content_type, text).1.status;
    for text in ["", "[]", "null", "{}", r#"{"events":{}}"#, r#"{"events":[]"#, r#"{"events":[],"more":1}"#] {
        assert_eq!(status("application/json", text), 400, "{text}");
    }
    assert_eq!(status("application/x-www-form-urlencoded", &batch(&[])), 415);
    assert_eq!(status("application/json", &batch(&filled(1_001, 0))), 413);
    let settings = settings(false);
    let answered = |asked: &Request<'_>| match route(&settings, asked) {
        Call::Answered(response) => response.status,
        _ => 200,
    };
    assert_eq!(answered(&Request { body: Some(b"{}"), ..request("POST", "/events") }), 415);
    let too_large =
        Request { body: None, content_type: Some("application/json"), ..request("POST", "/events") };
    assert_eq!(answered(&too_large), 413);
    assert_eq!(answered(&request("GET", "/events")), 405);
    assert_eq!(answered(&request("OPTIONS", "/events")), 204);
}

#[test]
fn a_batch_may_be_larger_than_other_bodies() {
    for path in ["/events", "/api/events", "/api/v1/events"] {
        assert_eq!(max_body_bytes(path), 1 << 20, "{path}");
    }
    for path in ["/decide", "/events/", "/nothing"] {
        assert_eq!(max_body_bytes(path), 256 << 10, "{path}");
    }
}

#[test]
fn a_key_may_be_required_and_the_host_may_refuse() {
    let text = batch(&[event(&json!({}))]);
    let settings = settings(true);
    let asked = Request {
        content_type: Some("application/json"),
        body: Some(text.as_bytes()),
        ..request("POST", "/events")
    };
    assert!(matches!(route(&settings, &asked), Call::Answered(response) if response.status == 401));
    let asked = Request { api_key: Some(PUBLISHABLE), ..asked };
    let Call::Events(call, access) = route(&settings, &asked) else { panic!("a page may send events") };
    assert!(!access.may_bring_sticky);
    assert_eq!((call.answer_no_queue().status, call.answer_no_queue().header("retry-after")), (404, None));
    assert_eq!(call.answer_unavailable().status, 503);
    assert!(call.answer_unavailable().header("retry-after").is_some());
    assert_eq!(call.answer_rate_limited(7).header("retry-after"), Some("7"));
}
