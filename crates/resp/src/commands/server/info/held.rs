//! INFO: what is held in memory and on disk.

use super::super::super::super::call::Call;
use std::fmt::Write;

pub fn memory(call: &Call<'_>, text: &mut String) {
    let world = &*call.world;
    let clients = world.clients_bytes();
    let overhead = call.cache.fixed_bytes() + clients as u64;
    let dataset = call.cache.used_bytes();
    let used = dataset + overhead;
    let peak = world.stats.used_bytes_peak.max(used);
    let max = call.cache.max_bytes().unwrap_or(0);
    let queued: usize = world
        .clients
        .iter()
        .map(|(_, client)| client.queued_bytes())
        .sum();
    let resident = resident_bytes();
    let system = system_bytes();
    let [scripts, script_bytes, eval] = world.scripting.scripts.weight();
    let [libraries, functions, library_bytes, vm] = world.scripting.functions.weight();
    lines!(text,
        "used_memory": used,
        "used_memory_human": human(used),
        "used_memory_rss": resident,
        "used_memory_rss_human": human(resident),
        "used_memory_peak": peak,
        "used_memory_peak_human": human(peak),
        "used_memory_peak_perc": percent(used, peak),
        "used_memory_overhead": overhead,
        "used_memory_startup": call.cache.fixed_bytes(),
        "used_memory_dataset": dataset,
        "used_memory_dataset_perc": percent(dataset, used - call.cache.fixed_bytes()),
        "allocator_allocated": used,
        "allocator_active": resident,
        "allocator_resident": resident,
        "total_system_memory": system,
        "total_system_memory_human": human(system),
        "used_memory_lua": eval,
        "used_memory_vm_eval": eval,
        "used_memory_lua_human": human(eval as u64),
        "used_memory_scripts_eval": script_bytes,
        "number_of_cached_scripts": scripts,
        "number_of_functions": functions,
        "number_of_libraries": libraries,
        "used_memory_vm_functions": vm,
        "used_memory_vm_total": eval + vm,
        "used_memory_vm_total_human": human((eval + vm) as u64),
        "used_memory_functions": library_bytes,
        "used_memory_scripts": script_bytes + library_bytes,
        "used_memory_scripts_human": human((script_bytes + library_bytes) as u64),
        "maxmemory": max,
        "maxmemory_human": human(max),
        "maxmemory_policy": call.cache.policy().name(),
        // Of the whole process: the chat lives in it too.
        "allocator_frag_ratio": ratio(resident, used),
        "allocator_frag_bytes": resident.saturating_sub(used),
        "allocator_rss_ratio": "1.00",
        "allocator_rss_bytes": 0,
        "rss_overhead_ratio": "1.00",
        "rss_overhead_bytes": 0,
        "mem_fragmentation_ratio": ratio(resident, used),
        "mem_fragmentation_bytes": resident.saturating_sub(used),
        "mem_not_counted_for_evict": 0,
        "mem_replication_backlog": 0,
        "mem_total_replication_buffers": 0,
        "mem_clients_slaves": 0,
        "mem_clients_normal": clients,
        "mem_cluster_links": 0,
        "mem_aof_buffer": 0,
        "mem_multi_state": queued,
        "mem_allocator": "mimalloc",
        "active_defrag_running": 0,
        "lazyfree_pending_objects": call.cache.being_freed(),
        "lazyfreed_objects": call.world.stats.freed_later,
    );
}

fn ratio(part: u64, whole: u64) -> String {
    format!("{:.2}", part as f64 / whole.max(1) as f64)
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}%", part as f64 * 100.0 / whole.max(1) as f64)
}

fn human(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes}B"),
        1024..1_048_576 => format!("{:.2}K", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.2}M", bytes as f64 / 1_048_576.0),
        _ => format!("{:.2}G", bytes as f64 / 1_073_741_824.0),
    }
}

/// Of the whole process.
pub fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let mut fields = statm.split(' ');
    let pages = fields.nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * rustix::param::page_size() as u64
}

fn system_bytes() -> u64 {
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes = kilobytes.and_then(|kilobytes| kilobytes.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

pub fn persistence(call: &Call<'_>, text: &mut String) {
    let status = call.cache.disk_status();
    let persistent = status.is_some();
    let status = status.unwrap_or_default();
    let verdict = if status.error.is_some() { "err" } else { "ok" };
    let rewrite = if status.last_rewrite_failed {
        "err"
    } else {
        "ok"
    };
    let is_rewriting = u8::from(call.cache.is_rewriting());
    let seconds = |time: Option<std::time::Duration>| time.map_or(-1, |t| t.as_secs() as i64);
    let current = seconds(status.rewriting_since.map(|since| since.elapsed()));
    let last = seconds(status.last_rewrite);
    let report = call.cache.load_report();
    let changes = call.cache_stats().changes;
    lines!(text,
        "loading": 0,
        "async_loading": 0,
        "current_cow_peak": 0,
        "current_cow_size": 0,
        "current_cow_size_age": 0,
        "current_fork_perc": "0.00",
        "current_save_keys_processed": 0,
        "current_save_keys_total": 0,
        "rdb_changes_since_last_save": changes.saturating_sub(call.world.changes_at_save),
        "rdb_bgsave_in_progress": is_rewriting,
        "rdb_last_save_time": call.world.saved_at_unix_s,
        "rdb_last_bgsave_status": rewrite,
        "rdb_last_bgsave_time_sec": last,
        "rdb_current_bgsave_time_sec": current,
        "rdb_saves": status.rewrites,
        "rdb_last_cow_size": 0,
        "rdb_last_load_keys_expired": report.expired,
        "rdb_last_load_keys_loaded": report.keys,
        "aof_enabled": u8::from(persistent),
        "aof_rewrite_in_progress": is_rewriting,
        "aof_rewrite_scheduled": 0,
        "aof_last_rewrite_time_sec": last,
        "aof_current_rewrite_time_sec": current,
        "aof_last_bgrewrite_status": rewrite,
        "aof_rewrites": status.rewrites,
        "aof_rewrites_consecutive_failures": status.failed_in_a_row,
        "aof_last_write_status": verdict,
        "aof_last_cow_size": 0,
        "module_fork_in_progress": 0,
        "module_fork_last_cow_size": 0,
    );
    if persistent {
        lines!(text,
            "aof_current_size": status.base_bytes + status.tail_bytes,
            "aof_base_size": status.base_bytes,
            "aof_pending_rewrite": 0,
            "aof_buffer_length": 0,
            "aof_pending_bio_fsync": 0,
            "aof_delayed_fsync": 0,
        );
    }
}
