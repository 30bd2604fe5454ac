//! What a version cannot hold to, said to whoever publishes it.

use std::collections::BTreeSet;

use crate::domain::experiment::Experiment;
use crate::domain::status::Status;
use crate::domain::version::Warning;

/// Warnings about what is to be published, by experiment; `beside` names what else is. Nothing of it keeps
/// it from being published.
pub fn warnings(experiments: &[Experiment], beside: &BTreeSet<&str>) -> Vec<Warning> {
    let published: BTreeSet<&str> =
        experiments.iter().map(|it| it.key.as_str()).chain(beside.iter().copied()).collect();
    let running = experiments.iter().filter(|it| it.status == Status::Running);
    running.flat_map(|it| [first_come(it), unmet(it, &published)].concat()).collect()
}

fn first_come(it: &Experiment) -> Vec<Warning> {
    let Some(group) = it.group.as_ref().filter(|_| it.is_first_come()) else { return Vec::new() };
    let mut warnings = vec![warning(
        it,
        "stateless_cannot_exclude",
        format!(
            "Members of the group {} exclude each other by what users were assigned before. That is exact \
             through assign and the signed cookie; a decision without sticky state excludes nobody.",
            group.key
        ),
    )];
    if !it.sticky {
        let detail = "Hosts remember only experiments that are sticky, so that the signed cookie will not \
                      exclude anybody from the other members of the group.";
        warnings.push(warning(it, "not_sticky", detail.to_owned()));
    }
    warnings
}

fn unmet(it: &Experiment, published: &BTreeSet<&str>) -> Vec<Warning> {
    let missing = it.prerequisites.iter().filter(|needed| !published.contains(needed.experiment.as_str()));
    let say = |needed: &str| {
        let detail = format!(
            "It needs {needed}, which is neither RUNNING nor CONCLUDED: only overrides, rules and sticky \
             state let anybody in."
        );
        warning(it, "prerequisite_not_published", detail)
    };
    missing.map(|needed| say(&needed.experiment)).collect()
}

fn warning(it: &Experiment, code: &str, detail: String) -> Warning {
    Warning { code: code.to_owned(), detail, experiment_key: Some(it.key.clone()) }
}
