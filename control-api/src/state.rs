//! What the handlers of the control role share.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::auth::{AdminAccess, MetricsAccess};
use crate::decide::DecideRole;
use crate::ingest::Ingest;
use crate::publish::ObjectStore;
use crate::store::Store;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Where snapshots are published to.
    pub objects: Arc<ObjectStore>,
    /// Who is let in.
    pub access: AdminAccess,
    /// Who may read the metrics beside.
    pub metrics: MetricsAccess,
    /// `clientSideDefault` of environments that do not say.
    pub client_side_default: bool,
    /// Wakes the worker of this process.
    pub knock: Arc<Notify>,
    /// Where events are handed in.
    pub ingest: Ingest,
    /// Keys and origins of the decide service, which those who bring events have too.
    pub serving: Arc<lotwise_serving::Settings>,
    /// The decide role, if it runs in this process too.
    pub decide: Option<Arc<DecideRole>>,
}
