//! Every golden file, on a Cortex-M4F without an operating system.
//!
//! qemu shows what is printed here, and ends with the status given to [`debug::exit`].

#![no_std]
#![no_main]
#![deny(unsafe_code)]

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use embedded_alloc::LlffHeap;

/// Names and texts, from `build.rs`.
static VECTORS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/vectors.rs"));

/// With fewer expectations than this, files were lost on the way here.
const LEAST: usize = 40_000;

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

/// Half of the board's memory; the other half is the stack's.
const HEAP_BYTES: usize = 8 << 20;

#[entry]
fn main() -> ! {
    give_memory();
    let (mut passed, mut failed) = (0, 0);
    for (name, text) in VECTORS {
        let report = lotwise_golden::run(name, text);
        passed += report.passed;
        failed += report.failures.len();
        for failure in &report.failures {
            hprintln!("{}: {}", failure.case, failure.detail);
        }
    }
    hprintln!("{passed} passed, {failed} failed");
    end(failed == 0 && passed > LEAST)
}

#[allow(unsafe_code, reason = "an allocator has to be told which memory is its own")]
fn give_memory() {
    // SAFETY: only `main` calls this, once, before anything is allocated, and nothing else names
    // the array in the macro.
    unsafe {
        embedded_alloc::init!(HEAP, HEAP_BYTES);
    }
}

/// Running out of memory ends here too.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{info}");
    end(false)
}

fn end(fine: bool) -> ! {
    debug::exit(if fine { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    // Not reached under qemu.
    loop {
        cortex_m::asm::wfi();
    }
}
