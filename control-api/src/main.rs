//! `lotwise`: see `lotwise --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match lotwise_control::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The whole chain of causes, on one line.
            eprintln!("lotwise: {error:#}");
            ExitCode::FAILURE
        }
    }
}
