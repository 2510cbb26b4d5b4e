#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {

const std::vector<Row>& rows() {
    static const std::vector<Row> table = {
        {"rivals", "set and get next to Redis, memcached and etcd", rival_goals, measure_rivals},
        {"nodes", "five nodes in place of three", node_goals, measure_nodes},
        {"large-values", "values of 16 KiB, next to the disk alone", large_value_goals,
         measure_large_values},
        {"million-keys", "memory of a key; the restart of nodes that have a million",
         million_key_goals, measure_million_keys},
        {"connections", "200 connections, without and with 4,800 idle ones", connection_goals,
         measure_connections},
        {"many-keys", "10 million keys, which takes minutes to write, next to 10,000",
         many_key_goals, measure_many_keys},
        {"leader", "the leader is killed under load, 20 times", leader_goals, measure_leader},
        {"tail", "the slowest writes at 70 % of the peak rate, while snapshots are taken",
         tail_goals, measure_tail},
        {"mixed", "reads and writes in one pipeline, next to each alone", mixed_goals,
         measure_mixed},
        {"expiry", "4 million keys end in one second, which takes minutes to write", expiry_goals,
         measure_expiry},
    };
    return table;
}

}  // namespace raftkv::benchmark
