#include "tests/benchmark/measurements.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "tests/benchmark/load.hpp"
#include "tests/benchmark/rivals.hpp"

namespace raftkv::benchmark {

namespace {

constexpr std::size_t key_bytes = 16;

// One line of a round: a load that both get, and the figure of it that counts.
struct Step {
    std::string name;
    std::string unit;
    LoadOptions load;
    double LoadResult::*figure;
};

std::vector<Step> steps_of_round(const Plan& plan, std::size_t round) {
    LoadOptions many;
    many.connections = 64;
    many.value_bytes = plan.value_bytes;
    many.seconds = plan.seconds;
    many.key_prefix = fmt::format("m{:02}", round);
    LoadOptions one = many;
    one.connections = 1;
    one.key_prefix = fmt::format("o{:02}", round);
    LoadOptions reads = many;
    reads.operation = Operation::get;
    return {{"SET, 64 connections", "1/s", many, &LoadResult::per_second},
            {"SET, 1 connection, median latency", "us", one, &LoadResult::p50_us},
            {"GET, 64 connections", "1/s", reads, &LoadResult::per_second}};
}

// Both systems in turn; the reads of each take the keys that its own writes of this round made.
class Speed {
  public:
    Speed(const Plan& plan, Rivals rivals) : plan_(plan), rivals_(std::move(rivals)) {}

    Result<std::vector<Comparison>> run() {
        for (const Step& step : steps_of_round(plan_, 0)) {
            table_.push_back({step.name, step.unit, {}, {}});
        }
        for (std::size_t round = 0; round < plan_.rounds; ++round) {
            std::vector<Step> steps = steps_of_round(plan_, round);
            keys_ = {0, 0};
            for (std::size_t row = 0; row < steps.size(); ++row) {
                for (std::size_t turn = 0; turn < 2; ++turn) {
                    bool redis = (round + turn) % 2 == 1;
                    if (auto done = measure(row, steps[row], redis); !done) {
                        return done.error();
                    }
                }
            }
        }
        return std::move(table_);
    }

  private:
    Result<void> measure(std::size_t row, Step& step, bool redis) {
        std::uint64_t& keys = keys_[redis ? 1 : 0];
        step.load.keys = keys;
        Result<LoadResult> result =
            redis ? rivals_.load_redis(step.load) : rivals_.load_raftkv(step.load);
        if (!result) {
            return result.error();
        }
        if (result->bad_replies > 0 || result->replies == 0) {
            return Error{ErrorKind::failed, fmt::format("{}: {} replies, {} of them bad", step.name,
                                                        result->replies, result->bad_replies)};
        }
        keys = std::max(keys, result->keys_written);
        double figure = (*result).*step.figure;
        (redis ? table_[row].redis : table_[row].raftkv).push_back(figure);
        plan_.progress(
            fmt::format("{}, {}: {:.0f} {} (p50 {:.0f} us, p99 {:.0f} us, generator {:.2f} cores)",
                        step.name, redis ? "redis" : "raftkv", figure, step.unit, result->p50_us,
                        result->p99_us, result->own_cpu));
        return {};
    }

    const Plan& plan_;
    Rivals rivals_;
    std::vector<Comparison> table_;
    std::array<std::uint64_t, 2> keys_{};
};

}  // namespace

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Result<std::vector<Comparison>> measure_speed(const Plan& plan) {
    Result<Rivals> rivals = Rivals::start(plan, "speed");
    return rivals ? Speed(plan, std::move(*rivals)).run() : rivals.error();
}

Result<Memory> measure_memory(const Plan& plan) {
    Result<Rivals> rivals = Rivals::start(plan, "memory");
    if (!rivals) {
        return rivals.error();
    }
    Result<std::vector<Rivals::NodeMemory>> empty = rivals->raftkv_memory();
    Result<double> redis_empty = rivals->redis_memory();
    LoadOptions load;
    load.pipeline = 16;
    load.value_bytes = plan.value_bytes;
    load.requests = plan.memory_keys;
    Result<LoadResult> loaded = rivals->load_raftkv(load);
    Result<LoadResult> redis_loaded = rivals->load_redis(load);
    Result<std::vector<Rivals::NodeMemory>> full = rivals->raftkv_memory();
    Result<double> redis_full = rivals->redis_memory();
    for (const auto* failed : {&empty, &full}) {
        if (!*failed) {
            return failed->error();
        }
    }
    for (const auto* failed : {&loaded, &redis_loaded}) {
        if (!*failed) {
            return failed->error();
        }
        if ((*failed)->bad_replies > 0) {
            return Error{ErrorKind::failed, "writes were refused while filling the memory"};
        }
    }
    if (!redis_empty || !redis_full) {
        return (redis_empty ? redis_full : redis_empty).error();
    }

    Memory memory;
    memory.keys = plan.memory_keys;
    memory.key_and_value_bytes = key_bytes + plan.value_bytes;
    double keys = static_cast<double>(plan.memory_keys);
    for (std::size_t i = 0; i < full->size(); ++i) {
        double grown = ((*full)[i].resident_bytes - (*empty)[i].resident_bytes) / keys;
        if (grown > memory.raftkv_bytes_per_key) {
            memory.raftkv_bytes_per_key = grown;
            memory.raftkv_log_cache_bytes = (*full)[i].log_cache_bytes;
        }
    }
    memory.redis_bytes_per_key = (*redis_full - *redis_empty) / keys;
    return memory;
}

Result<double> measure_sync_us(const Plan& plan) {
    std::filesystem::path path = plan.folder / "sync-probe";
    int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return Error{ErrorKind::io,
                     fmt::format("cannot make {}: {}", path.string(), std::strerror(errno))};
    }
    // As the log does it: into blocks that were written before, so that only data is synced.
    std::string zeros(1 << 20, '\0');
    bool fine = write(fd, zeros.data(), zeros.size()) > 0 && fdatasync(fd) == 0;
    std::vector<double> times;
    for (int i = 0; i < 200 && fine; ++i) {
        auto start = std::chrono::steady_clock::now();
        fine = pwrite(fd, zeros.data(), 200, i * 200) == 200 && fdatasync(fd) == 0;
        times.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
    }
    close(fd);
    std::filesystem::remove(path);
    return fine ? Result<double>(median(times))
                : Error{ErrorKind::io, fmt::format("cannot write {}", path.string())};
}

}  // namespace raftkv::benchmark
