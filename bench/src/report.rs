//! Tables for people, JSON for programs.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// Prints rows in aligned columns.
pub(crate) fn print_table(header: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or_default()
    };
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:<width$}", width = width(column)),
            _ => format!("{cell:>width$}", width = width(column)),
        });
        println!("{}", padded.collect::<Vec<_>>().join("  "));
    };
    line(header.to_vec());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

/// Keeps the figures of a benchmark in target/bench/.
pub(crate) fn save(name: &str, figures: &Value) -> anyhow::Result<()> {
    let folder = Path::new("target/bench");
    fs::create_dir_all(folder).context("making target/bench")?;
    let path = folder.join(format!("{name}.json"));
    fs::write(&path, format!("{figures:#}\n")).with_context(|| format!("writing {}", path.display()))?;
    println!("\nas JSON: {}", path.display());
    Ok(())
}
