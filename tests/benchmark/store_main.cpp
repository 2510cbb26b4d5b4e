// raftkv-store-bench: what a snapshot of the keys costs the thread that serves them.

#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.hpp"
#include "common/result.hpp"
#include "node/kv/command.hpp"
#include "node/kv/store.hpp"
#include "node/kv/store_loader.hpp"

namespace {

using namespace raftkv;
using Figures = nlohmann::ordered_json;

struct Arguments {
    std::uint64_t keys = 1'000'000;
    std::size_t value_bytes = 84;
    bool ending = false;
};

constexpr std::size_t key_bytes = 16;

// Of this thread alone: what others do on the machine is not in it.
double cpu_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

std::size_t heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

// How many keys are overwritten while a snapshot is read.
struct Writes {
    std::uint64_t before = 0;  // the first reading
    std::uint64_t a_call = 0;  // and after each
};

class Bench {
  public:
    explicit Bench(const Arguments& arguments)
        : my_(arguments), value_(arguments.value_bytes, 'v') {}

    Result<Figures> run() {
        fill();
        const std::uint64_t calls = read("quiet", {});
        const std::uint64_t hash = store_.state_hash();
        read("all_overwritten_while_it_is_read", {0, my_.keys / calls + 1});
        Result<kv::Store> loaded = load();
        if (!loaded) return loaded.error();
        if (loaded->state_hash() != hash) {
            return Error{ErrorKind::failed, "the snapshot is not the state at its beginning"};
        }
        read("all_overwritten_before_it_is_read", {my_.keys, 0});
        give_up();
        const double start = cpu_ms();
        *loaded = kv::Store();
        figures_["destroy_ms"] = cpu_ms() - start;
        return std::move(figures_);
    }

  private:
    void fill() {
        const std::size_t heap = heap_bytes();
        const double start = cpu_ms();
        write(my_.keys);
        figures_["write_ms"] = cpu_ms() - start;
        figures_["bytes_per_key_over_key_and_value"] =
            static_cast<double>(heap_bytes() - heap) / static_cast<double>(my_.keys) -
            static_cast<double>(key_bytes + my_.value_bytes);
    }

    void write(std::uint64_t count) {
        for (; count > 0; --count) {
            const std::uint64_t i = index_++;
            const std::string key = fmt::format("key-{:012}", i % my_.keys);
            kv::Command command{kv::CommandOp::set, ClusterMs(1), 0, 0, key, value_};
            // Not in the order in which they will end.
            if (my_.ending) command.exptime_s = 3600 + static_cast<std::uint32_t>(i * 7919 % 1000);
            if (const std::optional<kv::Item> there = store_.find(key)) {
                command.op = kv::CommandOp::cas;
                command.version = there->version;
            }
            bytes_.clear();
            kv::encode(command, bytes_);
            store_.apply(LogIndex(index_), bytes_);
        }
    }

    // How many calls it took.
    std::uint64_t read(const std::string& name, const Writes& writes) {
        chunks_.clear();
        std::vector<double> calls;
        std::size_t bytes = 0, most_kept = 0;
        store_.begin_snapshot();
        write(writes.before);
        for (bool more = true; more;) {
            most_kept = std::max(most_kept, store_.snapshot_kept_bytes());
            std::string chunk;
            const double start = cpu_ms();
            more = store_.read_snapshot(chunk);
            calls.push_back(cpu_ms() - start);
            bytes += chunk.size();
            if (!chunk.empty()) chunks_.push_back(std::move(chunk));
            write(writes.a_call);
        }
        std::sort(calls.begin(), calls.end());
        figures_[name] = {{"bytes", bytes},
                          {"calls", calls.size()},
                          {"ms_in_all", std::accumulate(calls.begin(), calls.end(), 0.0)},
                          {"call_ms_median", calls[calls.size() / 2]},
                          {"call_ms_p99", calls[calls.size() * 99 / 100]},
                          {"call_ms_longest", calls.back()},
                          {"most_kept_bytes", most_kept},
                          {"most_kept_percent_of_live", 100.0 * static_cast<double>(most_kept) /
                                                            static_cast<double>(store_.bytes())}};
        return calls.size();
    }

    // When everything is kept.
    void give_up() {
        double start = cpu_ms();
        store_.begin_snapshot();
        figures_["begin_ms"] = cpu_ms() - start;
        write(my_.keys);
        start = cpu_ms();
        store_.end_snapshot();
        figures_["give_up_ms"] = cpu_ms() - start;
    }

    Result<kv::Store> load() {
        const double start = cpu_ms();
        kv::StoreLoader loader;
        for (const std::string& chunk : chunks_) {
            if (auto added = loader.add(chunk); !added) return added.error();
        }
        Result<kv::Store> store = loader.finish();
        figures_["load_ms"] = cpu_ms() - start;
        return store;
    }

    Arguments my_;
    std::string value_;
    kv::Store store_;
    std::uint64_t index_ = 0;
    std::string bytes_;                // of one command
    std::vector<std::string> chunks_;  // of the last snapshot
    Figures figures_;
};

void declare(CLI::App& app, Arguments& arguments) {
    app.add_option("--keys", arguments.keys)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--value-bytes", arguments.value_bytes, "beside 16 of the key")
        ->check(CLI::Range(std::size_t{0}, kv::max_value_bytes))
        ->capture_default_str();
    app.add_flag("--ending", arguments.ending, "keys that have an end, all another one");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Writes keys into a store in memory, reads snapshots of it and loads one. Prints JSON; "
        "times are of the processor.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    Result<Figures> figures = Bench(arguments).run();
    if (!figures) {
        fmt::print(stderr, "raftkv-store-bench: {}\n", figures.error().message);
        return static_cast<int>(exit_code(figures.error().kind));
    }
    fmt::print("{}\n", figures->dump(2));
    return 0;
}
