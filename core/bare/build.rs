//! Embeds the golden files, and tells the linker where the board has memory.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let package = env::var("CARGO_MANIFEST_DIR")?;
    let vectors = Path::new(&package).join("../../tests/vectors");
    let mut files =
        fs::read_dir(&vectors)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|it| it == "json"));
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = file.to_string_lossy();
        writeln!(list, "({name:?}, include_str!({path:?})),")?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("vectors.rs"), list)?;

    println!("cargo::rerun-if-changed={}", vectors.display());
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rustc-link-search={package}");
    println!("cargo::rustc-link-arg=-Tlink.x");
    Ok(())
}
