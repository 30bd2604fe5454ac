//! stub
pub(crate) mod trivial { pub(crate) fn serve() -> anyhow::Result<()> { Ok(()) } }
pub(crate) fn run(_: &std::path::Path, _: f64, _: usize) -> anyhow::Result<()> { Ok(()) }
