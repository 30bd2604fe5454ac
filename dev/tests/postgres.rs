//! A private Postgres keeps its data, survives `kill -9`, and leaves nothing running.

use lotwise_dev::{Durability, Home, Postgres};
use sqlx::{Connection as _, PgConnection, Row as _};

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    let row = sqlx::query("SELECT count(*) FROM kept").fetch_one(&mut connection).await;
    row.expect("the table").get(0)
}

async fn insert(url: &str) {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    for statement in ["CREATE TABLE IF NOT EXISTS kept (id int)", "INSERT INTO kept VALUES (1)"] {
        sqlx::query(statement).execute(&mut connection).await.expect("a statement");
    }
}

#[tokio::test]
async fn data_stays_over_stop_kill_and_a_new_start() {
    let home = Home::temporary().expect("a folder");
    let mut postgres = Postgres::start_private(home.path(), Durability::Disposable).await.expect("a server");
    insert(postgres.url()).await;

    postgres.kill().await.expect("killed");
    postgres.restart().await.expect("back after kill -9");
    assert_eq!(count(postgres.url()).await, 1);
    insert(postgres.url()).await;

    // The lock file of the killed server is still there for the next start to deal with.
    postgres.kill().await.expect("killed");
    drop(postgres);
    let mut postgres = Postgres::start_private(home.path(), Durability::Disposable).await.expect("a server");
    assert_eq!(count(postgres.url()).await, 2);
    postgres.stop().await.expect("stopped");
    assert!(!home.path().join("postgres/data/postmaster.pid").exists());
}

#[tokio::test]
async fn stacks_that_share_a_server_do_not_share_data() {
    let home = Home::temporary().expect("a folder");
    let postgres = Postgres::start_private(home.path(), Durability::Disposable).await.expect("a server");
    let one = postgres.new_database().await.expect("a database");
    let other = postgres.new_database().await.expect("a database");
    insert(one.url()).await;
    insert(other.url()).await;
    assert_eq!(count(one.url()).await, 1);
    one.drop_now().await.expect("dropped");
    assert_eq!(count(other.url()).await, 1);
}
