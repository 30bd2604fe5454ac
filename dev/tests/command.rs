//! The development program says what is wrong and what to do, and stops when asked.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use lotwise_dev::{Home, free_port};

fn stack(home: &Home, port: u16, store_port: u16) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lotwise-dev"))
        .args(["stack", "--port", &port.to_string(), "--store-port", &store_port.to_string()])
        .arg("--no-edge")
        .arg("--home")
        .arg(home.path())
        // A server that ends at once.
        .env("LOTWISE_BIN", "false")
        .stdin(Stdio::null())
        .output()
        .expect("the program")
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let home = Home::temporary().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let free = free_port().expect("a port");
    let said = refusal(&stack(&home, port, free));
    assert!(said.contains(&format!("port {port}")) && said.contains("PORT"), "{said}");
    let said = refusal(&stack(&home, free, port));
    assert!(said.contains(&format!("port {port}")) && said.contains("STORE_PORT"), "{said}");
}

#[test]
fn a_server_that_does_not_start_is_reported() {
    let home = Home::temporary().expect("a folder");
    let (port, store_port) = (free_port().expect("a port"), free_port().expect("a port"));
    let said = refusal(&stack(&home, port, store_port));
    assert!(said.contains("ended while starting"), "{said}");
}

#[test]
fn a_polite_kill_stops_the_command_too() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lotwise-dev"))
        .args(["postgres", "--exec", "trap 'echo stopped; exit 4' TERM; echo started; sleep 60 & wait"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
    assert_eq!(lines.next().expect("a line").expect("text"), "started");
    let killed = Command::new("kill").arg(program.id().to_string()).status().expect("kill");
    assert!(killed.success());
    assert_eq!(lines.next().expect("a line").expect("text"), "stopped");
    assert_eq!(program.wait().expect("gone").code(), Some(4));
}
