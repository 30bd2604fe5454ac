//! Programs of the system, which no folder of ours can hold: root on Debian gets them from apt-get,
//! anybody else is told how.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::output_of;
use crate::cargo::run;

/// What is looked for.
pub(crate) struct Program {
    /// Its names, the likeliest first.
    names: &'static [&'static str],
    /// The package of Debian that has it.
    debian: &'static str,
    /// How others get it.
    elsewhere: &'static str,
}

const ARM_EMULATOR: Program =
    Program { names: &["qemu-system-arm"], debian: "qemu-system-arm", elsewhere: "macOS: brew install qemu" };

const CHROMIUM: Program = Program {
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    debian: "chromium",
    elsewhere: "elsewhere https://www.chromium.org",
};

const CHROMEDRIVER: Program = Program {
    names: &["chromedriver"],
    debian: "chromium-driver",
    elsewhere: "elsewhere the one of your Chromium's version: https://googlechromelabs.github.io/chrome-for-testing",
};

const FIREFOX: Program = Program {
    names: &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
    debian: "firefox-esr",
    elsewhere: "elsewhere https://www.mozilla.org/firefox",
};

/// The emulator of a chip.
pub(crate) fn arm_emulator() -> Result<PathBuf> {
    ARM_EMULATOR.get()
}

/// Chromium, or the browser that is made of it.
pub(crate) fn chromium() -> Result<PathBuf> {
    CHROMIUM.get()
}

/// What `WebDriver` asks Chromium through. It has to be of the browser's own version.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    CHROMEDRIVER.get()
}

/// The second browser engine.
pub(crate) fn firefox() -> Result<PathBuf> {
    FIREFOX.get()
}

impl Program {
    /// Where it is, after installing it if need be and possible. What asks for it has tested nothing
    /// without it, so its absence is an error.
    fn get(&self) -> Result<PathBuf> {
        if let Some(found) = self.find() {
            return Ok(found);
        }
        if is_root_on_debian()
            && apt(&["update"])?
            && apt(&["install", "--yes", "--no-install-recommends", self.debian])?
            && let Some(found) = self.find()
        {
            return Ok(found);
        }
        let Self { names, debian, elsewhere } = self;
        let name = names.first().unwrap_or(debian);
        bail!("NOT RUN: {name} is missing. Debian, Ubuntu: apt-get install {debian}; {elsewhere}")
    }

    /// The first that says of which version it is.
    fn find(&self) -> Option<PathBuf> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&paths).collect();
        let files = self.names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        files.filter(|file| file.is_file()).find(|file| output_of(file, "--version").is_some())
    }
}

fn is_root_on_debian() -> bool {
    let is_root = output_of("id", "-u").is_some_and(|id| id.trim() == "0");
    is_root && Path::new("/etc/debian_version").exists()
}

fn apt(arguments: &[&str]) -> Result<bool> {
    let mut apt = Command::new("apt-get");
    run(apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments))
}
