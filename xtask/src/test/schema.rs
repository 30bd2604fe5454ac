//! The admin API against its own description: what somebody else's tool makes of `openapi.json`.

use std::process::Stdio;

use anyhow::Result;

use super::suite::{Built, quoted};
use crate::cargo::{root, run};
use crate::tool;

/// What must hold of every answer, whatever was sent.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

/// Requests to each operation beyond those that the document's examples and limits suggest.
const EXAMPLES: u32 = 5;

/// Asks a server of its own. Routes that stop answering for a while, such as those that wait for the
/// object store, are given time.
pub(super) fn schemathesis() -> Result<bool> {
    let built = Built::get()?;
    let program = quoted(&tool::schemathesis()?.join("schemathesis").to_string_lossy());
    let config = quoted(&root().join("tests/schemathesis.toml").to_string_lossy());
    let line = format!(
        "{program} --config-file {config} --no-color run \"$LOTWISE_API_URL/openapi.json\" \
         --url \"${{LOTWISE_API_URL%/api}}\" --checks {CHECKS} --phases examples,coverage,fuzzing \
         --max-examples {EXAMPLES} --seed 1 --request-timeout 30 --warnings off"
    );
    let mut command = built.dev_command();
    command.args(["stack", "--no-edge", "--exec", &line]);
    run(command.stdin(Stdio::null()))
}
