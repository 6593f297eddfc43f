//! The settings of the server itself, which the Supabase CLI makes.

/// The rest is the server's: a quarter of the memory for its own cache, three quarters for what the system caches with it.
pub(super) fn server_command(memory_gib: u32) -> String {
    let memory = memory_gib.max(1) * 1024;
    format!(
        "supabase postgres-config update --config shared_buffers={}MB --config effective_cache_size={}MB \
         --config maintenance_work_mem={}MB --config max_connections={} --config max_worker_processes=16 --config max_wal_size=4GB",
        memory / 4,
        memory * 3 / 4,
        (memory / 16).min(1024),
        (60 + 15 * memory_gib).min(400)
    )
}

#[cfg(test)]
mod tests {
    use super::server_command;

    #[test]
    fn the_command_fits_the_memory() {
        let command = server_command(4);
        assert!(command.contains("shared_buffers=1024MB"), "{command}");
        assert!(command.contains("effective_cache_size=3072MB"), "{command}");
        assert!(command.contains("max_connections=120"), "{command}");
    }
}
