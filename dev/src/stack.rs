//! All parts together, as a developer wants them.

use anyhow::Result;

use crate::config::{DEFAULT_EDGE_PORT, DEFAULT_SERVER_PORT, DEFAULT_STORE_PORT};
use crate::edge::{EdgeBindings, EdgeBuild, EdgeOptions, EdgeWorker};
use crate::home::Home;
use crate::ports::Port;
use crate::postgres::{Database, Durability, Postgres};
use crate::server::{Role, Server, ServerOptions};
use crate::store::ObjectStore;

/// A publish shows in a decision within a second.
const POLL_INTERVAL: &str = "1s";

/// Where the development servers of page builders listen: Vite's, its preview, and the usual others.
const PAGE_ORIGINS: &str = "http://localhost:5173,http://127.0.0.1:5173,http://localhost:4173,http://127.0.0.1:4173,\
     http://localhost:8080,http://127.0.0.1:8080,http://localhost:8000,http://127.0.0.1:8000";

/// Which ports, and how the database treats its data.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The server's port.
    pub server_port: Port,
    /// The object store's port.
    pub store_port: Port,
    /// The edge Worker's port; none: no Worker, which takes a second or two to start.
    pub edge_port: Option<Port>,
    /// What a power cut may cost.
    pub durability: Durability,
    /// Which database it uses.
    pub database: DatabaseChoice,
    /// Settings for the server, on top of the development ones.
    pub env: Vec<(String, String)>,
}

/// Which database a stack uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseChoice {
    /// The one that `DATABASE_URL` names, or the private server's.
    Kept,
    /// A new one on the server that `DATABASE_URL` names, or the private server's.
    Temporary,
    /// That of a private server, whatever `DATABASE_URL` says: for tests that kill the server.
    Private,
}

impl StackOptions {
    /// The developer's stack: the well-known ports, data that stays.
    pub fn development() -> Self {
        Self {
            server_port: Port::Fixed(DEFAULT_SERVER_PORT),
            store_port: Port::Fixed(DEFAULT_STORE_PORT),
            edge_port: Some(Port::Fixed(DEFAULT_EDGE_PORT)),
            durability: Durability::Durable,
            database: DatabaseChoice::Kept,
            env: Vec::new(),
        }
    }

    /// A stack for one test or command: free ports, data that goes away, no Worker.
    pub fn disposable() -> Self {
        Self {
            server_port: Port::Free,
            store_port: Port::Free,
            edge_port: None,
            durability: Durability::Disposable,
            database: DatabaseChoice::Temporary,
            env: Vec::new(),
        }
    }
}

/// Everything running. Dropping it stops everything; [`stop`](Self::stop) also says what failed.
///
/// The order of the fields is the order of stopping.
#[derive(Debug)]
pub struct Stack {
    /// The edge Worker, if there is to be one.
    pub edge: Option<EdgeWorker>,
    /// `lotwise serve`, all roles.
    pub server: Server,
    /// The object store.
    pub store: ObjectStore,
    /// The database server.
    pub postgres: Postgres,
    database: Option<Database>,
    settings: Vec<(String, String)>,
    home: Home,
}

impl Stack {
    /// Starts all parts, one after the other.
    pub async fn start(home: Home, options: StackOptions) -> Result<Self> {
        // What is most likely to be wrong is looked at first.
        let store = ObjectStore::start(home.path(), options.store_port).await?;
        options.server_port.claim("the server", "PORT")?;
        if let Some(port) = options.edge_port {
            port.claim("the Worker", "EDGE_PORT")?;
        }
        let postgres = if options.database == DatabaseChoice::Private {
            Postgres::start_private(home.path(), options.durability).await?
        } else {
            Postgres::start(home.path(), options.durability).await?
        };
        let shared = options.database == DatabaseChoice::Temporary && !postgres.is_private();
        let database = if shared { Some(postgres.new_database().await?) } else { None };
        let database_url = database.as_ref().map_or(postgres.url(), Database::url);
        let mut settings = development_settings(&store);
        settings.push(("DATABASE_URL".into(), database_url.into()));
        settings.extend(options.env);
        let server = Server::start(ServerOptions {
            role: Role::All,
            port: options.server_port,
            env: settings.clone(),
            log: home.path().join("server.log"),
        })
        .await?;
        let mut stack = Self { edge: None, server, store, postgres, database, settings, home };
        if let Some(port) = options.edge_port {
            let log = stack.home.path().join("edge.log");
            let deliver = Some(stack.home.path().join("dead-events.ndjson"));
            let bindings = EdgeBindings { deliver, ..EdgeBindings::default() };
            let options = EdgeOptions { port, bindings, log, ..stack.edge_options()? };
            stack.edge = Some(EdgeWorker::start(options).await?);
        }
        Ok(stack)
    }

    /// Another server on the same database and store.
    pub async fn another_server(&self, role: Role, env: &[(&str, &str)]) -> Result<Server> {
        let mut settings = self.settings.clone();
        if role == Role::Decide {
            settings.retain(|(name, _)| name != "DATABASE_URL");
        }
        settings.extend(env.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let log = self.home.path().join(format!("server-{}.log", crate::home::random_digits()?));
        Server::start(ServerOptions { role, port: Port::Free, env: settings, log }).await
    }

    /// How to start another Worker on the same store.
    pub fn edge_options(&self) -> Result<EdgeOptions> {
        let vars = [
            ("CONFIG_BASE_URL", self.store.bucket_url()),
            ("POLL_INTERVAL", POLL_INTERVAL.into()),
            ("CORS_ORIGINS", PAGE_ORIGINS.into()),
            ("CONTROL_API_URL", format!("{}/api", self.server.url())),
        ];
        Ok(EdgeOptions {
            build: EdgeBuild::Production,
            port: Port::Free,
            vars: vars.map(|(name, value)| (name.into(), value)).into(),
            bindings: EdgeBindings::default(),
            log: self.home.path().join(format!("edge-{}.log", crate::home::random_digits()?)),
        })
    }

    /// How to connect to the stack's database.
    pub fn database_url(&self) -> &str {
        self.database.as_ref().map_or(self.postgres.url(), Database::url)
    }

    /// A number out of the stack's database, for what no answer tells.
    pub async fn number(&self, sql: &str) -> Result<i64> {
        crate::postgres::number(self.database_url(), sql).await
    }

    /// The stack's addresses, as `cargo xtask dev --exec` exports them.
    pub fn exports(&self) -> Vec<(&'static str, String)> {
        let api = format!("{}/api", self.server.url());
        let mut exports = vec![
            ("LOTWISE_API_URL", api.clone()),
            ("LOTWISE_DECIDE_URL", api),
            ("LOTWISE_CDN_URL", self.store.bucket_url()),
            ("DATABASE_URL", self.database_url().to_owned()),
        ];
        exports.extend(self.edge.as_ref().map(|edge| ("LOTWISE_EDGE_URL", edge.url())));
        exports
    }

    /// What its servers are told in their environment.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// Where the data and the logs are.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Stops everything, in order.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(mut edge) = self.edge.take() {
            edge.stop().await?;
        }
        self.server.stop().await?;
        self.store.stop().await;
        if let Some(database) = self.database.take() {
            database.drop_now().await?;
        }
        self.postgres.stop().await
    }
}

/// What a server needs to know on a developer's machine.
fn development_settings(store: &ObjectStore) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> =
        store.client_settings().into_iter().map(|(name, value)| (name.into(), value)).collect();
    for (name, value) in [
        ("CONFIG_BASE_URL", store.bucket_url().as_str()),
        ("POLL_INTERVAL", POLL_INTERVAL),
        ("CORS_ORIGINS", PAGE_ORIGINS),
        ("MIGRATE", "true"),
        // Pages can be tried out without marking every experiment.
        ("CLIENT_SIDE_DEFAULT", "true"),
    ] {
        settings.push((name.into(), value.into()));
    }
    settings
}
