//! Every setting by name: an older name, its kind, what it says at first, whether it can be changed.

use super::Change::{self, Any, Hidden, Never, Protected};
use super::Setting;
use super::SettingType::{self, Number, OneOf, Own, Several, Share, Size, Switch, Text};

const INT: i64 = i32::MAX as i64;
const ALL: i64 = i64::MAX;

const fn row(
    name: &'static str,
    alias: &'static str,
    kind: SettingType,
    default: &'static str,
    change: Change,
) -> Setting {
    Setting {
        name,
        alias,
        kind,
        default,
        change,
    }
}

macro_rules! settings {
    ($($name:literal $alias:literal $kind:expr, $default:literal $change:expr;)*) => {
        /// All settings that Redis has without TLS, in order.
        pub const SETTINGS: &[Setting] = &[$(row($name, $alias, $kind, $default, $change)),*];
    };
}

settings! {
    "acl-pubsub-default" "" OneOf(&["allchannels", "resetchannels"]), "resetchannels" Any;
    "aclfile" "" Text, "" Never;
    "acllog-max-len" "" Number(0, ALL), "128" Any;
    "active-defrag-cycle-max" "" Number(1, 99), "25" Any;
    "active-defrag-cycle-min" "" Number(1, 99), "1" Any;
    "active-defrag-ignore-bytes" "" Size(1, ALL), "104857600" Any;
    "active-defrag-max-scan-fields" "" Number(1, ALL), "1000" Any;
    "active-defrag-threshold-lower" "" Number(0, 1000), "10" Any;
    "active-defrag-threshold-upper" "" Number(0, 1000), "100" Any;
    "active-expire-effort" "" Number(1, 10), "1" Any;
    "activedefrag" "" Switch, "no" Any;
    "activerehashing" "" Switch, "yes" Any;
    "always-show-logo" "" Switch, "no" Never;
    "aof-disable-auto-gc" "" Switch, "no" Any;
    "aof-load-truncated" "" Switch, "yes" Any;
    "aof-rewrite-incremental-fsync" "" Switch, "yes" Any;
    "aof-timestamp-enabled" "" Switch, "no" Any;
    "aof-use-rdb-preamble" "" Switch, "yes" Any;
    "aof_rewrite_cpulist" "" Text, "" Never;
    "appenddirname" "" Text, "appendonlydir" Never;
    "appendfilename" "" Text, "appendonly.aof" Never;
    "appendfsync" "" OneOf(&["everysec", "always", "no"]), "everysec" Any;
    "appendonly" "" Switch, "no" Any;
    "auto-aof-rewrite-min-size" "" Size(0, ALL), "67108864" Any;
    "auto-aof-rewrite-percentage" "" Number(0, INT), "100" Any;
    "bgsave_cpulist" "" Text, "" Never;
    "bind" "" Own, "" Any;
    "bind-source-addr" "" Text, "" Any;
    "bio_cpulist" "" Text, "" Never;
    "busy-reply-threshold" "lua-time-limit" Number(0, ALL), "5000" Any;
    "client-output-buffer-limit" "" Own, "normal 67108864 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60" Any;
    "client-query-buffer-limit" "" Size(1048576, ALL), "1073741824" Any;
    "cluster-allow-pubsubshard-when-down" "" Switch, "yes" Any;
    "cluster-allow-reads-when-down" "" Switch, "no" Any;
    "cluster-allow-replica-migration" "" Switch, "yes" Any;
    "cluster-announce-bus-port" "" Number(0, 65535), "0" Any;
    "cluster-announce-hostname" "" Text, "" Any;
    "cluster-announce-ip" "" Text, "" Any;
    "cluster-announce-port" "" Number(0, 65535), "0" Any;
    "cluster-announce-tls-port" "" Number(0, 65535), "0" Any;
    "cluster-config-file" "" Text, "nodes.conf" Never;
    "cluster-enabled" "" Switch, "no" Never;
    "cluster-link-sendbuf-limit" "" Size(0, ALL), "0" Any;
    "cluster-migration-barrier" "" Number(0, INT), "1" Any;
    "cluster-node-timeout" "" Number(0, ALL), "15000" Any;
    "cluster-port" "" Number(0, 65535), "0" Never;
    "cluster-preferred-endpoint-type" "" OneOf(&["ip", "hostname", "unknown-endpoint"]), "ip" Any;
    "cluster-replica-no-failover" "cluster-slave-no-failover" Switch, "no" Any;
    "cluster-replica-validity-factor" "cluster-slave-validity-factor" Number(0, INT), "10" Any;
    "cluster-require-full-coverage" "" Switch, "yes" Any;
    "crash-log-enabled" "" Switch, "yes" Any;
    "crash-memcheck-enabled" "" Switch, "yes" Any;
    "daemonize" "" Switch, "no" Never;
    "databases" "" Number(1, INT), "16" Never;
    "dbfilename" "" Text, "dump.rdb" Protected;
    "dir" "" Own, "" Protected;
    "disable-thp" "" Switch, "yes" Never;
    "dynamic-hz" "" Switch, "yes" Any;
    "enable-debug-command" "" OneOf(&["no", "yes", "local"]), "yes" Never;
    "enable-module-command" "" OneOf(&["no", "yes", "local"]), "no" Never;
    "enable-protected-configs" "" OneOf(&["no", "yes", "local"]), "no" Never;
    "hash-max-listpack-entries" "hash-max-ziplist-entries" Number(0, ALL), "512" Any;
    "hash-max-listpack-value" "hash-max-ziplist-value" Size(0, ALL), "64" Any;
    "hll-sparse-max-bytes" "" Size(0, ALL), "3000" Any;
    "hz" "" Number(0, INT), "10" Any;
    "ignore-warnings" "" Text, "" Any;
    "io-threads" "" Number(1, 128), "1" Never;
    "io-threads-do-reads" "" Switch, "no" Never;
    "jemalloc-bg-thread" "" Switch, "yes" Any;
    "key-load-delay" "" Number(-INT - 1, INT), "0" Hidden;
    "latency-monitor-threshold" "" Number(0, ALL), "0" Any;
    "latency-tracking" "" Switch, "yes" Any;
    "latency-tracking-info-percentiles" "" Own, "50 99 99.9" Any;
    "lazyfree-lazy-eviction" "" Switch, "no" Any;
    "lazyfree-lazy-expire" "" Switch, "no" Any;
    "lazyfree-lazy-server-del" "" Switch, "no" Any;
    "lazyfree-lazy-user-del" "" Switch, "no" Any;
    "lazyfree-lazy-user-flush" "" Switch, "yes" Any;
    "lfu-decay-time" "" Number(0, INT), "1" Any;
    "lfu-log-factor" "" Number(0, INT), "10" Any;
    "list-compress-depth" "" Number(0, INT), "0" Any;
    "list-max-listpack-size" "list-max-ziplist-size" Number(-INT - 1, INT), "-2" Any;
    "loading-process-events-interval-bytes" "" Number(1024, INT), "2097152" Hidden;
    "logfile" "" Text, "" Never;
    "loglevel" "" OneOf(&["debug", "verbose", "notice", "warning"]), "notice" Any;
    "masterauth" "" Text, "" Any;
    "masteruser" "" Text, "" Any;
    "maxclients" "" Number(1, 4294967295), "10000" Any;
    "maxmemory" "" Size(0, ALL), "0" Any;
    "maxmemory-clients" "" Share(ALL), "268435456" Any;
    "maxmemory-eviction-tenacity" "" Number(0, 100), "10" Any;
    "maxmemory-policy" "" OneOf(&["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction"]), "noeviction" Any;
    "maxmemory-samples" "" Number(1, INT), "5" Any;
    "min-replicas-max-lag" "min-slaves-max-lag" Number(0, INT), "10" Any;
    "min-replicas-to-write" "min-slaves-to-write" Number(0, INT), "0" Any;
    "no-appendfsync-on-rewrite" "" Switch, "no" Any;
    "notify-keyspace-events" "" Own, "" Any;
    "oom-score-adj" "" OneOf(&["no", "yes", "relative", "absolute"]), "no" Any;
    "oom-score-adj-values" "" Own, "0 200 800" Any;
    "pidfile" "" Text, "" Never;
    "port" "" Number(0, 65535), "" Any;
    "proc-title-template" "" Text, "" Any;
    "propagation-error-behavior" "" OneOf(&["ignore", "panic", "panic-on-replicas"]), "ignore" Any;
    "protected-mode" "" Switch, "yes" Any;
    "proto-max-bulk-len" "" Size(1048576, ALL), "536870912" Any;
    "rdb-del-sync-files" "" Switch, "no" Any;
    "rdb-key-save-delay" "" Number(-INT - 1, INT), "0" Hidden;
    "rdb-save-incremental-fsync" "" Switch, "yes" Any;
    "rdbchecksum" "" Switch, "yes" Never;
    "rdbcompression" "" Switch, "yes" Any;
    "repl-backlog-size" "" Size(1, ALL), "1048576" Any;
    "repl-backlog-ttl" "" Number(0, ALL), "3600" Any;
    "repl-disable-tcp-nodelay" "" Switch, "no" Any;
    "repl-diskless-load" "" OneOf(&["disabled", "on-empty-db", "swapdb"]), "disabled" Any;
    "repl-diskless-sync" "" Switch, "yes" Any;
    "repl-diskless-sync-delay" "" Number(0, INT), "5" Any;
    "repl-diskless-sync-max-replicas" "" Number(0, INT), "0" Any;
    "repl-ping-replica-period" "repl-ping-slave-period" Number(1, INT), "10" Any;
    "repl-timeout" "" Number(1, INT), "60" Any;
    "replica-announce-ip" "slave-announce-ip" Text, "" Any;
    "replica-announce-port" "slave-announce-port" Number(0, 65535), "0" Any;
    "replica-announced" "" Switch, "yes" Any;
    "replica-ignore-disk-write-errors" "" Switch, "no" Any;
    "replica-ignore-maxmemory" "slave-ignore-maxmemory" Switch, "yes" Any;
    "replica-lazy-flush" "slave-lazy-flush" Switch, "no" Any;
    "replica-priority" "slave-priority" Number(0, INT), "100" Any;
    "replica-read-only" "slave-read-only" Switch, "yes" Any;
    "replica-serve-stale-data" "slave-serve-stale-data" Switch, "yes" Any;
    "replicaof" "slaveof" Own, "" Never;
    "requirepass" "" Text, "" Any;
    "sanitize-dump-payload" "" OneOf(&["no", "yes", "clients"]), "no" Any;
    "save" "" Own, "" Any;
    "server_cpulist" "" Text, "" Never;
    "set-max-intset-entries" "" Number(0, ALL), "512" Any;
    "set-proc-title" "" Switch, "yes" Never;
    "shutdown-on-sigint" "" Several(&["default", "save", "nosave", "now", "force"]), "default" Any;
    "shutdown-on-sigterm" "" Several(&["default", "save", "nosave", "now", "force"]), "default" Any;
    "shutdown-timeout" "" Number(0, INT), "10" Any;
    "slowlog-log-slower-than" "" Number(-1, ALL), "10000" Any;
    "slowlog-max-len" "" Number(0, ALL), "128" Any;
    "socket-mark-id" "" Number(0, 4294967295), "0" Never;
    "stop-writes-on-bgsave-error" "" Switch, "yes" Any;
    "stream-node-max-bytes" "" Size(0, ALL), "4096" Any;
    "stream-node-max-entries" "" Number(0, ALL), "100" Any;
    "supervised" "" OneOf(&["upstart", "systemd", "auto", "no"]), "no" Never;
    "syslog-enabled" "" Switch, "no" Never;
    "syslog-facility" "" OneOf(&["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"]), "local0" Never;
    "syslog-ident" "" Text, "redis" Never;
    "tcp-backlog" "" Number(0, INT), "1024" Never;
    "tcp-keepalive" "" Number(0, INT), "300" Any;
    "timeout" "" Number(0, INT), "0" Any;
    "tracking-table-max-keys" "" Number(0, ALL), "1000000" Any;
    "unixsocket" "" Text, "" Never;
    "unixsocketperm" "" Number(0, 511), "0" Never;
    "use-exit-on-panic" "" Switch, "no" Hidden;
    "watchdog-period" "" Number(0, INT), "0" Hidden;
    "zset-max-listpack-entries" "zset-max-ziplist-entries" Number(0, ALL), "128" Any;
    "zset-max-listpack-value" "zset-max-ziplist-value" Size(0, ALL), "64" Any;
}
