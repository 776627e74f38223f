import { totalmem } from "node:os";

const GIB = 1024 ** 3;

/** Deterministic on every machine: no ICU, no locale of the host. */
export const initdbFlags = [
  "--encoding=UTF8",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--locale=C",
  "--auth=scram-sha-256",
];

/** Server settings. Durability stays on (fsync, synchronous_commit): the acknowledgement of an event follows its commit. */
export function serverSettings(port: number): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: "127.0.0.1",
    // TCP only: a socket directory would be one more place that a killed run leaves things in.
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: totalmem() >= 2 * GIB ? "256MB" : "64MB",
    wal_level: "logical",
    max_wal_senders: "10",
    max_replication_slots: "10",
    // A slot nobody reads must not fill the disk.
    max_slot_wal_keep_size: "4GB",
    max_wal_size: "4GB",
    checkpoint_timeout: "15min",
    fsync: "on",
    synchronous_commit: "on",
    shared_preload_libraries: "pg_stat_statements",
    log_min_messages: "warning",
    log_line_prefix: "%m [%p] %u ",
    timezone: "UTC",
    log_timezone: "UTC",
    cluster_name: "tokentra-local",
  };
}
