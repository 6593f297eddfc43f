//! A small PostgREST client.
