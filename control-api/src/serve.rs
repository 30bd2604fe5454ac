//! Serving: settings in, a process that answers until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::analysis::keep_looking;
use crate::auth::{keep_keys_fresh, refresh_keys};
use crate::decide::{DecideRole, DecideSettings};
use crate::http::{answer_not_found, observe};
use crate::ingest::Ingest;
use crate::jobs::Worker;
use crate::jobs::retention::keep_purging;
use crate::publish::ObjectStore;
use crate::router::control_router;
use crate::routes::prometheus::answer_metrics;
use crate::settings::ServeArgs;
use crate::state::AppState;
use crate::store::Store;

/// How long open requests and the job at hand may take once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or Ctrl-C.
pub async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let base_url = args.store.base_url()?;
    let decide_settings = args.decide.settings(&base_url, args.role.has_control())?;
    let (stop, stopped) = watch::channel(false);

    // What can be wrong with the settings is said before anything is started.
    let control =
        if args.role.has_control() { Some(prepare_control(args, &decide_settings).await?) } else { None };
    let address = args.address();
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("listening on {address}: is the port taken? Choose another one"))?;
    let decide = if args.role.has_decide() {
        Some(DecideRole::start(decide_settings).await.context("starting the decide role")?)
    } else {
        None
    };
    let (router, store, worker) = match (control, decide) {
        (Some(mut state), decide) => {
            state.decide = decide;
            start_keepers(&state, args, &stopped).await?;
            let worker = start_worker(&state, stopped.clone());
            let store = state.store.clone();
            state.ingest.keep_up(stopped.clone());
            let interval = args.analysis.analysis_interval;
            keep_looking(store.clone(), state.ingest.clone(), interval, stopped.clone());
            let told =
                Told { control: Some((store.clone(), state.ingest.clone())), decide: state.decide.clone() };
            serve_metrics(args, told, stopped.clone()).await?;
            (control_router(state), Some(store), Some(worker))
        }
        (None, Some(decide)) => {
            let told = Told { control: None, decide: Some(Arc::clone(&decide)) };
            serve_metrics(args, told, stopped.clone()).await?;
            (decide.router(), None, None)
        }
        (None, None) => bail!("a role does something"),
    };
    tokio::spawn(announce_stop(stop));
    tracing::info!(address = %listener.local_addr()?, role = ?args.role, "serving");
    answer(listener, router, stopped).await?;
    wind_down(worker, store).await;
    Ok(())
}

async fn prepare_control(args: &ServeArgs, decide: &DecideSettings) -> anyhow::Result<AppState> {
    let events = args.events.settings()?;
    let access = args.admin.access(args.bind)?.with_keys(decide.keys());
    let metrics = args.analysis.metrics_access()?;
    let objects = Arc::new(ObjectStore::new(args.store.object_store()?));
    let url = args.database.url()?;
    let store = Store::connect(url, args.database.database_max_connections).await?;
    if args.migrate {
        store.migrate().await?;
    } else if !store.is_migrated().await {
        bail!("the database's schema is not up to date: run `lotwise migrate`, or serve --migrate");
    }
    // Before anything is taken, so that there is a place for it.
    store.make_event_partitions().await.context("making the partitions of events")?;
    let ingest = Ingest::new(store.clone(), events);
    Ok(AppState {
        store,
        objects,
        access,
        metrics,
        client_side_default: args.admin.client_side_default,
        knock: Arc::new(Notify::new()),
        ingest,
        serving: Arc::new(decide.serving()),
        decide: None,
    })
}

/// What goes on beside the requests. None of it has to be waited for when the process stops: each of
/// their transactions stands for itself.
async fn start_keepers(
    state: &AppState,
    args: &ServeArgs,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<()> {
    // Before the first request, which may bring one of them.
    refresh_keys(state).await.context("reading the keys of environments")?;
    keep_keys_fresh(state.clone(), stopped.clone());
    if let Some(age) = args.admin.archive_retention {
        keep_purging(state.store.clone(), age, stopped.clone());
    }
    Ok(())
}

/// What Prometheus is told about.
#[derive(Clone)]
struct Told {
    control: Option<(Store, Ingest)>,
    decide: Option<Arc<DecideRole>>,
}

/// Serves `/metrics` on an address of its own, if there is one.
async fn serve_metrics(args: &ServeArgs, told: Told, stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
    let Some(address) = args.analysis.metrics_address else { return Ok(()) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("METRICS_ADDRESS: listening on {address}: is the port taken?"))?;
    let scrape = async |State(told): State<Told>| {
        let control = told.control.as_ref().map(|(store, ingest)| (store, ingest));
        answer_metrics(control, told.decide.as_deref()).await
    };
    let router = Router::new().route("/metrics", get(scrape)).fallback(answer_not_found);
    let router = router.with_state(told).layer(from_fn(observe));
    tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(wait_for_stop(stopped));
        if let Err(error) = serving.await {
            tracing::warn!(%error, "metrics are not served any more");
        }
    });
    Ok(())
}

fn start_worker(state: &AppState, stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    let knock = Arc::clone(&state.knock);
    Worker::new(state.store.clone(), Arc::clone(&state.objects), knock).spawn(stopped)
}

/// Answers requests; once told to stop, finishes the open ones within [`DRAIN`].
async fn answer(listener: TcpListener, router: Router, stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let told = wait_for_stop(stopped.clone());
    let serving = axum::serve(listener, service).with_graceful_shutdown(told);
    let overdue = async {
        wait_for_stop(stopped).await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = serving => outcome.context("serving"),
        () = overdue => {
            tracing::warn!("some requests were still open and are cut off");
            Ok(())
        }
    }
}

/// Lets the job at hand end; one that takes longer is taken up by whoever comes next.
async fn wind_down(worker: Option<JoinHandle<()>>, store: Option<Store>) {
    if let Some(worker) = worker
        && tokio::time::timeout(DRAIN, worker).await.is_err()
    {
        tracing::warn!("a job was still running; it will be taken up again");
    }
    if let Some(store) = store {
        // Connections that do not close are closed with the process.
        let _ = tokio::time::timeout(Duration::from_secs(2), store.close()).await;
    }
    tracing::info!("stopped");
}

async fn wait_for_stop(mut stopped: watch::Receiver<bool>) {
    // An error means that nobody can tell any more, which is as good as being told.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn announce_stop(stop: watch::Sender<bool>) {
    wait_for_signal().await;
    tracing::info!("stopping");
    // Nobody listens only when everything has stopped already.
    let _ = stop.send(true);
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
