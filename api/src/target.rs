//! Where the server may send something that others have asked for: to the public internet, and to hosts inside that the operator allows. What a name stands for
//! is looked up here, and only what was looked at is connected to, so that a name cannot stand for something else the next moment.
use domain::webhook::{AllowedHosts, is_public};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{net::SocketAddr, sync::Arc};

/// Why nothing is sent to a host.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// It lies inside.
    #[error("the host lies inside")]
    Inside,
    /// It is not known.
    #[error("the host is not known")]
    Unknown(#[from] std::io::Error),
}

/// What a host stands for: all of it is public, or the operator allows the host.
///
/// # Errors
/// [`Unreachable`].
pub async fn look_up(host: &str, allowed: &AllowedHosts) -> Result<Vec<SocketAddr>, Unreachable> {
    let found: Vec<_> = tokio::net::lookup_host((host, 0)).await?.collect();
    let may = allowed.allows(host) || found.iter().all(|address| is_public(address.ip()));
    if may { Ok(found) } else { Err(Unreachable::Inside) }
}

/// Looks hosts up for a client that sends to targets.
pub struct Lookup(pub Arc<AllowedHosts>);

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let found = look_up(name.as_str(), &allowed).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
