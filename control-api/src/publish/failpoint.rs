//! Places where a test makes the process die, to see that another finishes its work.

/// Ends the process at once, as `kill -9` would, if `LOTWISE_FAILPOINT` names this step.
pub fn reach(step: &str) {
    if std::env::var_os("LOTWISE_FAILPOINT").is_some_and(|wanted| wanted == step) {
        tracing::warn!(step, "failpoint reached: aborting");
        std::process::abort();
    }
}
