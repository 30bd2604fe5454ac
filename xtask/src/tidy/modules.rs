//! Which module may import which, within a package.

use std::path::Path;

use anyhow::Result;

use super::imports::imports;
use super::{rust_files, shown};
use crate::cargo::root;

/// A package's modules, the top ones first. A module imports only from groups below its own.
struct Layers {
    source: &'static str,
    groups: &'static [&'static [&'static str]],
    /// Imports against the order, each with a reason beside it.
    exceptions: &'static [(&'static str, &'static str)],
}

const PACKAGES: &[Layers] = &[
    Layers {
        source: "core/src",
        groups: &[
            &["explain"],
            &["diff", "overlap", "plan"],
            &["decide"],
            &["snapshot"],
            &["document"],
            &["targeting"],
            &["hash_index"],
            &["bucketing"],
            &["subject"],
            &["sticky"],
            &["value"],
            &["faults"],
            &["fault", "json"],
        ],
        exceptions: &[],
    },
    Layers {
        source: "control-api/src",
        groups: &[
            &["cli"],
            &["serve", "openapi", "power", "replay"],
            &["router"],
            &["routes", "settings"],
            &["jobs"],
            &["state"],
            &["auth"],
            &["assign", "decide"],
            &["analysis"],
            &["extract", "http"],
            &["problem"],
            &["ingest"],
            &["explain", "publish"],
            &["store"],
            &["domain"],
            &["hex", "prometheus", "telemetry"],
        ],
        exceptions: &[
            // The description is served as well as printed.
            ("router", "openapi"),
            // An extractor names the state that it extracts from.
            ("auth", "state"),
        ],
    },
    Layers {
        source: "stats/src",
        groups: &[
            &["analysis"],
            &["decision", "planning"],
            &["guardrail"],
            &["group_sequential", "sequential"],
            &["bayes", "cuped", "mean", "proportion", "quantile", "ratio"],
            &["engine"],
            &["attribution", "moments", "multiplicity", "score", "srm", "winsor"],
            &["wilson"],
            &["sums"],
            &["student"],
            &["gamma"],
            &["normal", "status"],
            &["interval", "numeric", "p_value", "quadrature"],
        ],
        exceptions: &[],
    },
];

pub(super) fn breaches() -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for package in PACKAGES {
        for file in rust_files(&root().join(package.source))? {
            let text = std::fs::read_to_string(&file)?;
            let Some(module) = module(&file, &root().join(package.source)) else { continue };
            let found = package.breaches(&module, &text);
            breaches.extend(found.into_iter().map(|breach| format!("{}: {breach}", shown(&file))));
        }
    }
    Ok(breaches)
}

/// The top module that a file belongs to; none for the root, which sees everything.
fn module(file: &Path, source: &Path) -> Option<String> {
    let inside = file.strip_prefix(source).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main"].contains(&module)).then(|| module.to_owned())
}

impl Layers {
    fn breaches(&self, module: &str, text: &str) -> Vec<String> {
        let Some(own) = self.layer(module) else {
            return vec![format!("give the module `{module}` a place in xtask/src/tidy/modules.rs")];
        };
        let wrong = |import: &String| {
            import != module
                && !self.exceptions.contains(&(module, import))
                && self.layer(import).is_some_and(|layer| layer <= own)
        };
        let wrong = imports(text).into_iter().filter(wrong);
        wrong.map(|import| format!("`{module}` must not import `{import}`")).collect()
    }

    fn layer(&self, module: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.contains(&module))
    }
}

#[cfg(test)]
mod tests {
    use super::PACKAGES;

    #[test]
    fn an_arrow_that_turns_round_is_seen() {
        let core = &PACKAGES[0];
        assert!(core.breaches("decide", "use crate::snapshot::Snapshot;").is_empty());
        assert_eq!(core.breaches("value", "use crate::{decide::decide, json};").len(), 1);
        assert_eq!(core.breaches("bucketing", "crate::targeting::Test").len(), 1);
        assert_eq!(core.breaches("news", "").len(), 1);
    }
}
