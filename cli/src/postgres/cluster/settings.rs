//! How a local server is set.

/// How much a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A person's stack: the last moments may be lost, never the cluster.
    Kept,
    /// A stack that is thrown away after its command.
    Throwaway,
}

pub(super) fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=100".to_owned(),
        "shared_buffers=128MB".to_owned(),
        "shared_preload_libraries=pg_cron,pg_stat_statements".to_owned(),
        "cron.database_name=postgres".to_owned(),
        // The default asks libpq for a connection without a password, which this cluster does not have.
        "cron.use_background_workers=on".to_owned(),
        "max_worker_processes=16".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %u ".to_owned(),
        "synchronous_commit=off".to_owned(),
        "checkpoint_timeout=15min".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "jit=off".to_owned(),
        // As on hosted projects.
        "statement_timeout=120000".to_owned(),
    ];
    if durability == Durability::Throwaway {
        settings.extend(
            [
                "fsync=off",
                "full_page_writes=off",
                "autovacuum_naptime=10s",
            ]
            .map(str::to_owned),
        );
    }
    settings
}
