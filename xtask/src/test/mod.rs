//! `cargo xtask test`: everything, in steps that can also be run alone.

mod fuzz;
mod s3;
mod schema;
mod suite;
mod targets;

use std::path::Path;

use anyhow::{Result, bail};

use crate::bench;
use crate::cargo::root;
use crate::edge::{self, Variant};
use crate::sdk;
use crate::steps::Steps;
use crate::vectors::{self, Runtime};
use suite::Built;
pub(crate) use suite::quoted;

/// A step's name, what it is, and how it runs.
type Step = (&'static str, &'static str, fn() -> Result<bool>);

const STEPS: &[Step] = &[
    ("build", "build every test of the workspace, once for all steps", || Built::get().map(|_| true)),
    ("unit", "unit and property tests of every package, and of the parts in dev/", suite::unit),
    ("docs", "the examples in the documentation", suite::docs),
    ("vectors", "the golden files, natively", || golden(Runtime::Native)),
    ("statistics", "the golden files of statistics", || vectors::statistics(&[])),
    ("small", "the core without regular expressions", targets::small),
    ("no-std", "the core on a chip without an operating system: built, and tested under qemu", targets::bare),
    ("wasm", "the core's tests in WebAssembly, under Node; the statistics for it", targets::wasm),
    ("chromium", "the same tests in a page, in Chromium", targets::chromium),
    ("firefox", "the same tests in a page, in Firefox", targets::firefox),
    ("sdk", "the page SDK: its build, its tests, and whether its reference is up to date", sdk::test),
    ("node", "the golden files through the page SDK, in Node", || golden(Runtime::Node)),
    ("pages", "the golden files through the page SDK, in Chromium and in Firefox", pages),
    ("edge", "the Worker's production build, and a dry run of its deployment", edge_build),
    ("workerd", "the golden files in the Workers runtime", || golden(Runtime::Workerd)),
    ("api", "the control API against Postgres and the development store", suite::api),
    ("s3", "the publisher against a second S3 implementation", s3::moto),
    ("schema", "the admin API held against its OpenAPI document, by schemathesis", schema::schemathesis),
    ("journeys", "the whole stack, from an admin's request to a decision", suite::journeys),
    ("packaging", "the packed page SDK under bundlers, in pages, Node and a Worker", suite::packaging),
    ("page-size", "what a page downloads to decide, against its budget", bench::page_size),
    ("fuzz", "loading either form, and deciding, twenty seconds of each", fuzz::short),
];

/// Prints what there is.
pub(crate) fn list() -> bool {
    for (name, about, _) in STEPS {
        println!("{name:<10} {about}");
    }
    true
}

/// Runs the named steps, or all.
pub(crate) fn run(only: &[String]) -> Result<bool> {
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.0 == **name)) {
        bail!("there is no step `{unknown}`: `cargo xtask test --list` names them all");
    }
    let mut steps = Steps::default();
    for (name, _, step) in STEPS {
        if only.is_empty() || only.iter().any(|wanted| wanted == name) {
            steps.run(name, step);
        }
    }
    Ok(steps.finish())
}

fn golden(runtime: Runtime) -> Result<bool> {
    vectors::run(runtime, &[root().join(Path::new("tests/vectors"))])
}

fn pages() -> Result<bool> {
    Ok(golden(Runtime::Browser)? & golden(Runtime::Firefox)?)
}

fn edge_build() -> Result<bool> {
    Ok(edge::build_and_weigh(Variant::Production)? && edge::dry_run()?)
}
