#include "cli/test/chaos/measurements.hpp"

#include <algorithm>
#include <cmath>

namespace raftkv::chaos {
namespace {

using std::chrono::milliseconds;
using test::Operation;

constexpr std::int64_t most_buckets = 300;
// Only who has been let down by the whole cluster has waited for so long.
constexpr milliseconds patience{1'000};

bool was_answered(const Operation& op) {
    return op.outcome != test::Outcome::unknown && op.outcome != test::Outcome::not_done;
}

bool is_acknowledged_write(const Operation& op) {
    return !op.reads() && op.outcome == test::Outcome::ok;
}

void count(const Operation& op, Counts& counts) {
    ++counts.operations;
    if (op.outcome == test::Outcome::not_done) {
        ++(op.end - op.start < patience ? counts.turned_away : counts.gave_up);
    } else if (op.reads()) {
        ++counts.reads;
    } else if (op.outcome == test::Outcome::ok) {
        ++counts.acknowledged;
    } else if (op.outcome == test::Outcome::unknown) {
        ++counts.unknown;
    } else {
        ++counts.refused;
    }
}

Latency latency_of(std::vector<double>& samples_ms) {
    if (samples_ms.empty()) return {};
    std::sort(samples_ms.begin(), samples_ms.end());
    const auto at = [&](double part) {
        const auto last = static_cast<double>(samples_ms.size() - 1);
        return samples_ms[static_cast<std::size_t>(std::lround(last * part))];
    };
    return {at(0.5), at(0.99), samples_ms.back()};
}

milliseconds bucket_length(Instant from, Instant to) {
    const auto length = std::chrono::ceil<milliseconds>(to - from);
    for (std::int64_t ms : {100, 200, 250, 500, 1'000, 2'000, 5'000, 10'000}) {
        if (length.count() <= ms * most_buckets) return milliseconds(ms);
    }
    return length / most_buckets + milliseconds(1);
}

std::vector<Window> windows_without_writes(const History& history, Instant from, Instant to) {
    std::vector<Instant> acknowledged;
    for (const Operation& op : history) {
        if (is_acknowledged_write(op) && op.end >= from && op.end < to) {
            acknowledged.push_back(op.end);
        }
    }
    acknowledged.push_back(to);
    std::sort(acknowledged.begin(), acknowledged.end());
    std::vector<Window> windows;
    Instant last = from;
    for (Instant next : acknowledged) {
        if (next - last >= shortest_window) windows.push_back({last, next});
        last = next;
    }
    return windows;
}

}  // namespace

Measurements measure(const History& history, Instant from, Instant to) {
    Measurements all;
    all.bucket_length = bucket_length(from, to);
    const auto buckets = static_cast<std::size_t>(
        (to - from + all.bucket_length - std::chrono::nanoseconds(1)) / all.bucket_length);
    all.buckets.resize(buckets);
    std::vector<std::vector<double>> samples(buckets);
    std::vector<double> all_samples;
    for (const Operation& op : history) {
        if (op.end < from || op.end >= to) continue;
        const auto bucket = static_cast<std::size_t>((op.end - from) / all.bucket_length);
        count(op, all.counts);
        count(op, all.buckets[bucket].counts);
        if (!was_answered(op)) continue;
        const double ms = std::chrono::duration<double, std::milli>(op.end - op.start).count();
        samples[bucket].push_back(ms);
        all_samples.push_back(ms);
    }
    for (std::size_t i = 0; i < buckets; ++i) all.buckets[i].latency = latency_of(samples[i]);
    all.latency = latency_of(all_samples);
    all.unavailable = windows_without_writes(history, from, to);
    return all;
}

std::optional<double> ms_until_served(const History& history, Instant since) {
    Instant served = Instant::max();
    for (const Operation& op : history) {
        if (is_acknowledged_write(op) && op.start > since) served = std::min(served, op.end);
    }
    if (served == Instant::max()) return std::nullopt;
    return std::chrono::duration<double, std::milli>(served - since).count();
}

}  // namespace raftkv::chaos
