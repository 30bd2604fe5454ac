//! Nothing that the development program starts outlives it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn alive(pid: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().expect("ps");
    let state = String::from_utf8_lossy(&state.stdout).into_owned();
    !state.trim().is_empty() && !state.starts_with('Z')
}

fn gone_within(pid: &str, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while alive(pid) {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}

#[test]
fn a_command_gives_its_exit_code() {
    let status = Command::new(env!("CARGO_BIN_EXE_lotwise-dev"))
        .args(["postgres", "--exec", "test -n \"$DATABASE_URL\" && exit 7"])
        .stdin(Stdio::null())
        .status()
        .expect("the program");
    assert_eq!(status.code(), Some(7));
}

#[test]
fn nothing_is_left_after_kill_9() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lotwise-dev"))
        .args(["postgres", "--exec", "echo $$; echo $DATABASE_URL; sleep 300 & wait"])
        .env_remove("DATABASE_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
    let shell = lines.next().expect("a line").expect("text");
    let url = lines.next().expect("a line").expect("text");
    let port = url.rsplit(':').next().and_then(|rest| rest.split('/').next()).expect("a port");
    let port: u16 = port.parse().expect("a number");

    program.kill().expect("killed");
    program.wait().expect("gone");
    assert!(gone_within(&shell, Duration::from_secs(10)), "the command is left");
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(Instant::now() < deadline, "Postgres is left");
        std::thread::sleep(Duration::from_millis(50));
    }
}
