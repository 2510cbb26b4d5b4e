#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/admin/admin_client.hpp"
#include "common/protocol/parser.hpp"
#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using Time = steady_clock::time_point;

constexpr std::uint64_t ending_keys = 4'000'000, keys_to_time = 200'000;
constexpr std::size_t ending_value_bytes = 64, ending_clients = 64;
// Before the end, and from it on.
constexpr seconds load_before{4}, load_after{15};
constexpr double slower_at_worst = 2;  // than what was timed, writes get

// Sets of keys that all end at the same time, in whole seconds from when each is sent.
class EndingDialect final : public bench::Dialect {
  public:
    explicit EndingDialect(Time end) : end_(end) {}

    void append(std::string& out, bench::Verb, std::string_view key, std::string_view value,
                std::uint64_t) const override {
        const auto left = std::chrono::round<seconds>(end_ - steady_clock::now());
        protocol::Request request;
        request.op = protocol::Op::set;
        request.key = key;
        request.value = value;
        request.exptime_s = static_cast<std::uint32_t>(std::max<std::int64_t>(1, left.count()));
        protocol::format(request, out);
    }
    bench::Answer read(std::string_view input, bench::Verb verb,
                       std::size_t value_bytes) const override {
        return bench::raftkv_dialect().read(input, verb, value_bytes);
    }

  private:
    const Time end_;
};

Result<bench::LoadResult> write_ending(const Bed& bed, bench::Cluster& cluster, std::uint64_t count,
                                       Time end) {
    const EndingDialect dialect(end);
    bench::LoadOptions load = bed.load(bench::Op::set, ending_clients, 16);
    load.dialect = &dialect;
    load.value_bytes = ending_value_bytes;
    load.requests = count;
    bench::KeySpace space = bench::new_key_space({});
    return bed.run(cluster, load, space, "keys that end");
}

// When they will: later than all are written.
Result<Time> write_all_ending(const Bed& bed, bench::Cluster& cluster) {
    const Time began = steady_clock::now();
    const auto timed = write_ending(bed, cluster, keys_to_time, began + seconds(1));
    if (!timed) return timed.error();
    const auto took = (steady_clock::now() - began) * (ending_keys / keys_to_time);
    const Time end = steady_clock::now() + load_before +
                     std::chrono::duration_cast<steady_clock::duration>(took * slower_at_worst);
    const auto written = write_ending(bed, cluster, ending_keys, end);
    if (!written) return written.error();
    if (steady_clock::now() + load_before > end)
        return Error{ErrorKind::failed, "the keys were not written before their end"};
    return end;
}

std::int64_t percentile_99(std::vector<std::int64_t> latencies) {
    const auto at = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() * 99 / 100);
    std::nth_element(latencies.begin(), at, latencies.end());
    return *at;
}

Result<std::uint64_t> term_of(const bench::Cluster& cluster) {
    const ServerConfig& node = cluster.nodes()[cluster.leader()];
    const auto status = cli::fetch_status(node.admin_host, node.admin_port, seconds(5));
    if (!status) return status.error();
    return status->term.value();
}

}  // namespace

std::vector<Goal> expiry_goals() {
    const std::string load = "4 million keys end in one second under 64 writers: ";
    return {{load + "p99 of a write", Bound::at_most, 3, "", "that before"},
            {load + "the slowest write", Bound::at_most, 300, "ms", "", 0, true},
            {load + "changes of the leader", Bound::at_most, 0, "", "", 0, true}};
}

Result<void> measure_expiry(const Bed& bed, std::vector<Line>& lines) {
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    const auto end = write_all_ending(bed, *cluster);
    if (!end) return end.error();
    if (auto found = cluster->find_leader(bed.interrupt); !found) return found;
    const auto term = term_of(*cluster);
    if (!term) return term.error();
    bed.say("the keys are about to end");
    const auto until_load = std::chrono::duration_cast<std::chrono::milliseconds>(
        *end - load_before - steady_clock::now());
    if (auto waited = bed.interrupt.pause_for(until_load); !waited) return waited;
    bench::LoadOptions load = bed.load(bench::Op::set, ending_clients, 1);
    load.seconds = std::chrono::duration<double>(load_before + load_after).count();
    load.keep_samples = true;
    bench::KeySpace space = bench::new_key_space({});
    const auto result = bed.run(*cluster, load, space, "writes while keys end");
    if (!result) return result.error();
    std::vector<std::int64_t> before, after;
    // The stamps of the keys are rounded to a second.
    for (const bench::Sample& sample : result->samples)
        (sample.at < *end - seconds(1) ? before : after).push_back(sample.latency_ns);
    if (before.empty() || after.empty())
        return Error{ErrorKind::failed, "there were no writes before the keys ended, or after"};
    const double slowest = static_cast<double>(*std::max_element(after.begin(), after.end())) / 1e6;
    const double usual = static_cast<double>(percentile_99(std::move(before)));
    lines[0].samples = {static_cast<double>(percentile_99(std::move(after))) / usual};
    lines[0].note = fmt::format("it was {:.1f} ms before", usual / 1e6);
    lines[1].samples = {slowest};
    if (auto found = cluster->find_leader(bed.interrupt); !found) return found;
    const auto now = term_of(*cluster);
    if (!now) return now.error();
    lines[2].samples = {static_cast<double>(*now - *term)};
    return {};
}

}  // namespace raftkv::benchmark
