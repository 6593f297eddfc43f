//! Where programs get their tokens.

use crate::routes::agents::{MCP, Resource};
use platform::config::Config;
use platform::endpoint::Reply;

/// The metadata of `/api/mcp`. Any page may read it, as programs in browsers do.
pub fn resource(config: &Config) -> Reply<Resource> {
    let at = |path: &str| {
        let mut url = config.app.url.clone();
        url.set_path(path);
        url
    };
    Reply::ok(Resource {
        resource: at(MCP.declaration.path),
        authorization_servers: vec![config.supabase.jwt_issuer.clone()],
        bearer_methods_supported: ["header"],
        resource_name: "Content Catalyst Engine",
        resource_documentation: at("/agents"),
    })
    .header(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}
