// The two releases of the client library, by the version of the protocol that each speaks.

import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from '@modelcontextprotocol/client';

const us = { name: 'mcp-test', version: '1.0.0' };

/** Version 1 of the library asks for a later version than the one that is wanted here. */
const asking = (version) => (url, options = {}) => {
  const body = typeof options.body === 'string' ? options.body.replace('"protocolVersion":"2025-11-25"', `"protocolVersion":"${version}"`) : options.body;
  return fetch(url, { ...options, body });
};

export const libraries = {
  '2025-06-18': {
    client: () => new OldClient(us),
    transport: (url, options) => new OldTransport(url, { ...options, fetch: asking('2025-06-18') }),
    version: (client) => client.transport.protocolVersion,
  },
  '2026-07-28': {
    client: () => new NewClient(us, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
    transport: (url, options) => new NewTransport(url, options),
    version: (client) => client.getNegotiatedProtocolVersion(),
  },
};
