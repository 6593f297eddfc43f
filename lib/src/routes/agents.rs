//! Operations on programs that act for users, and those that such programs call.

use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use super::documented::Documented;
use crate::agents::{Agent, AgentChanges, AgentsQuery};
use platform::endpoint::{Access, AnyBody, AnyQuery, Empty, Kind, Limit, Operation, Page, Raw};

/// Every operation of this file.
pub const OPERATIONS: &[&dyn Documented] = &[&AGENTS, &AGENT, &CHANGE_AGENT, &MCP, &RESOURCE];

/// `GET /api/me/agents`
pub const AGENTS: Operation<AgentsQuery, Empty, Page<Agent>> =
    Operation::get("listAgents", "/api/me/agents")
        .summary("Lists the programs that you have allowed to spend or to publish for you.")
        .order("Oldest first.");

/// `GET /api/me/agents/{id}`
pub const AGENT: Operation<Empty, Empty, Agent> = Operation::get("getAgent", "/api/me/agents/{id}")
    .summary("What one program may do for you.")
    .editable();

/// `PATCH /api/me/agents/{id}`
pub const CHANGE_AGENT: Operation<Empty, AgentChanges, Agent> =
    Operation::patch("updateAgent", "/api/me/agents/{id}")
        .summary("Allows a program to spend or to publish for you, or ends that, and sets its daily caps.")
        .describe("`id` is the program's `client_id` at the sign-in service. Only your own session may do this: the token of a program is refused here as everywhere but at /api/mcp.")
        .limit(Limit::Write)
        .editable()
        .problems(&[Kind::LimitReached]);

/// `POST /api/mcp`
pub const MCP: Operation<AnyQuery, AnyBody, Raw> = Operation::post("callMcp", "/api/mcp")
    .summary("The Model Context Protocol, for programs that act for users (docs/mcp.md).")
    .access(Access::Agent)
    .status(200)
    .deadline(58)
    .repeatable("What spends or publishes takes a confirmation that is good for one call.")
    .described_elsewhere();

/// `GET /.well-known/oauth-protected-resource/api/mcp`
pub const RESOURCE: Operation<AnyQuery, Empty, Resource> = Operation::get(
    "getMcpResource",
    "/.well-known/oauth-protected-resource/api/mcp",
)
.summary("Where programs get access tokens for /api/mcp (RFC 9728).")
.access(Access::Public)
.described_elsewhere();

/// A protected resource's metadata (RFC 9728).
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    /// Its address.
    pub resource: Url,
    /// Where its users sign in.
    pub authorization_servers: Vec<String>,
    /// How tokens are sent.
    pub bearer_methods_supported: [&'static str; 1],
    /// What to call it.
    pub resource_name: &'static str,
    /// Where users see and change what a program may do.
    pub resource_documentation: Url,
}
