//! What is kept of a server until the end of its account, where settings need it.

use model::SourceServer;

use super::settings::{FindUnprotected, Settings};

/// What is kept of a server that DRS lists until the end of its account.
#[derive(Debug, Clone)]
pub(crate) struct ListedServer {
    /// Where it is listed.
    pub(crate) region: String,
    /// Empty where DRS gives none.
    pub(crate) arn: String,
    pub(crate) id: String,
    /// The account, region and id of its instance, where it names one.
    pub(crate) instance: Option<(String, String, String)>,
    /// The instance that it was last launched as; empty where there is none.
    pub(crate) recovery_instance_id: String,
}

/// What is kept of `servers`; nothing where no setting needs it.
pub(crate) fn listed_servers(settings: &Settings, servers: &[SourceServer]) -> Vec<ListedServer> {
    if !settings.read_drills && settings.find_unprotected == FindUnprotected::No {
        return Vec::new();
    }
    servers.iter().map(listed).collect()
}

fn listed(server: &SourceServer) -> ListedServer {
    let instance = server.instance_id().map(|id| {
        let (account, region) = (server.origin_account(), server.origin_region());
        (account.to_owned(), region.to_owned(), id.to_owned())
    });
    ListedServer {
        region: server.region.clone(),
        arn: server.arn().unwrap_or_default().to_owned(),
        id: server.source_server_id.clone(),
        instance,
        recovery_instance_id: server.recovery_instance_id.clone(),
    }
}
