#include "tests/benchmark/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace raftkv::benchmark {

std::string to_table(const Report& report) {
    std::string out = fmt::format("\nOne fdatasync here: {:.0f} us\n", report.sync_us);
    if (!report.speed.empty()) {
        out += fmt::format("\n{:<34} {:>5} {:>12} {:>12} {:>14}\n",
                           fmt::format("Medians of {} rounds", report.speed[0].raftkv.size()), "",
                           "3x raftkv", "1x redis", "raftkv/redis");
        for (const Comparison& row : report.speed) {
            double raftkv = median(row.raftkv), redis = median(row.redis);
            out += fmt::format("{:<34} {:>5} {:>12.0f} {:>12.0f} {:>14.2f}\n", row.name, row.unit,
                               raftkv, redis, raftkv / redis);
        }
    }
    if (report.memory) {
        const Memory& memory = *report.memory;
        double net = static_cast<double>(memory.key_and_value_bytes);
        out += fmt::format(
            "\nMemory of a key over its {} bytes of key and value, at {} keys:\n"
            "raftkv {:.0f} bytes (of which log cache, bounded: {:.0f}), redis {:.0f} bytes\n",
            memory.key_and_value_bytes, memory.keys, memory.raftkv_bytes_per_key - net,
            memory.raftkv_log_cache_bytes / static_cast<double>(memory.keys),
            memory.redis_bytes_per_key - net);
    }
    if (report.failover) {
        out += fmt::format("\nFailover ({}):\n", report.failover->command);
        for (const auto& [name, value] : report.failover->figures) {
            out += fmt::format("{:<34} {:>8.0f}\n", name, value);
        }
    }
    return out;
}

std::string to_json(const Report& report) {
    nlohmann::ordered_json json = {{"fdatasync_us", report.sync_us}};
    for (const Comparison& row : report.speed) {
        json["speed"].push_back({{"name", row.name},
                                 {"unit", row.unit},
                                 {"raftkv", row.raftkv},
                                 {"redis", row.redis},
                                 {"raftkv_median", median(row.raftkv)},
                                 {"redis_median", median(row.redis)},
                                 {"ratio", median(row.raftkv) / median(row.redis)}});
    }
    if (report.memory) {
        const Memory& memory = *report.memory;
        json["memory"] = {{"keys", memory.keys},
                          {"key_and_value_bytes", memory.key_and_value_bytes},
                          {"raftkv_bytes_per_key", memory.raftkv_bytes_per_key},
                          {"raftkv_log_cache_bytes", memory.raftkv_log_cache_bytes},
                          {"redis_bytes_per_key", memory.redis_bytes_per_key}};
    }
    if (report.failover) {
        json["failover"]["command"] = report.failover->command;
        for (const auto& [name, value] : report.failover->figures) {
            json["failover"][name] = value;
        }
    }
    return json.dump(2) + "\n";
}

}  // namespace raftkv::benchmark
