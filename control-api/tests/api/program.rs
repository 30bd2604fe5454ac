//! `lotwise` as a process.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lotwise_dev::free_port;
use sqlx::PgPool;

use crate::objects::Objects;
use crate::support::{METRICS_TOKEN, TOKEN};

/// What a program left.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    /// On standard output.
    pub(crate) text: String,
    /// On standard error.
    pub(crate) said: String,
}

/// The address of a test's own database.
pub(crate) fn database(pool: &PgPool) -> String {
    let name = pool.connect_options().get_database().unwrap().to_owned();
    let base = std::env::var("DATABASE_URL").unwrap();
    format!("{}/{name}", base.rsplit_once('/').unwrap().0)
}

/// Runs it to its end, with no other variables than these.
pub(crate) async fn run(arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = input.to_owned();
    let running = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    });
    let output = running.await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Output { success: output.status.success(), text: text(&output.stdout), said: text(&output.stderr) }
}

/// `lotwise serve --role control`, which asks for [`TOKEN`].
pub(crate) struct Served {
    child: Child,
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// The address that it serves metrics on.
    pub(crate) metrics_url: String,
    pub(crate) client: reqwest::Client,
}

impl Served {
    /// Starts it and waits until it answers.
    pub(crate) async fn start(pool: &PgPool, objects: Option<&Objects>) -> Self {
        let [port, metrics] = [(), ()].map(|()| free_port().unwrap());
        let metrics_address = format!("127.0.0.1:{metrics}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
        command.args(["serve", "--role", "control"]).env_clear().envs([
            ("ADMIN_TOKEN", TOKEN),
            ("ANALYSIS_INTERVAL", "100ms"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("DATABASE_URL", &database(pool)),
            ("EXPERIMENT_SERVICE_PORT", &port.to_string()),
            ("METRICS_ADDRESS", &metrics_address),
            ("METRICS_TOKEN", METRICS_TOKEN),
        ]);
        command.envs(objects.map(Objects::variables).unwrap_or_default());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let served = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            metrics_url: format!("http://{metrics_address}"),
            client: reqwest::Client::new(),
        };
        for _ in 0..200 {
            if served.client.get(format!("{}/ready", served.url)).send().await.is_ok() {
                return served;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not come up");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
