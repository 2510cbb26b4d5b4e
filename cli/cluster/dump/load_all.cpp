#include "cli/cluster/dump/load_all.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "cli/cluster/dump/line_source.hpp"
#include "cli/cluster/dump/progress.hpp"

namespace raftkv::cli::dump {

namespace {

using Batch = std::vector<LoadedItem>;
// What is done with a batch; called on several threads, each with a pipeline of its own.
using Work = std::function<Result<LoadCounts>(Pipeline&, const Batch&)>;

// All batches of a file, over several connections.
class Crew {
  public:
    Crew(const ClusterConfig& config, LineSource& source, const LoadOptions& options, Work work)
        : config_(config), source_(source), options_(options), work_(std::move(work)) {}

    Result<void> run(const char* what, std::uint64_t total) {
        Progress progress(what, total);
        running_ = options_.connections;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < options_.connections; ++i) {
            threads.emplace_back([this] { work_off(); });
        }
        std::unique_lock lock(mutex_);
        constexpr std::chrono::milliseconds pace{100};
        while (running_ > 0) {
            changed_.wait_for(lock, pace);
            progress.show(done_);
        }
        if (failed_) return *failed_;
        return {};
    }

    // After run().
    const LoadCounts& counts() const { return counts_; }

  private:
    void work_off() {
        Pipeline pipeline(config_, options_.patience, options_.cancel_fd);
        while (std::optional<Batch> batch = take()) {
            auto counts = work_(pipeline, *batch);
            const std::lock_guard lock(mutex_);
            if (!counts) {
                if (!failed_) failed_ = counts.error();
                continue;
            }
            done_ += batch->size();
            counts_.set += counts->set;
            counts_.overwritten += counts->overwritten;
            counts_.kept += counts->kept;
        }
        const std::lock_guard lock(mutex_);
        --running_;
        changed_.notify_one();
    }

    // Nothing at the end, and after a failure.
    std::optional<Batch> take() {
        const std::lock_guard lock(mutex_);
        if (failed_) return std::nullopt;
        auto batch = source_.next_batch();
        if (!batch) {
            failed_ = batch.error();
            return std::nullopt;
        }
        if (batch->empty()) return std::nullopt;
        return std::move(*batch);
    }

    const ClusterConfig& config_;
    LineSource& source_;
    const LoadOptions& options_;
    const Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t running_ = 0;
    std::uint64_t done_ = 0;
    LoadCounts counts_;
    std::optional<Error> failed_;
};

Result<std::uint64_t> count_items(LineSource& source, std::size_t max_value_bytes) {
    std::uint64_t items = 0;
    while (true) {
        auto batch = source.next_batch();
        if (!batch) return batch.error();
        if (batch->empty()) break;
        items += batch->size();
        for (const LoadedItem& item : *batch) {
            if (item.item.value.size() <= max_value_bytes) continue;
            return Error{ErrorKind::usage,
                         fmt::format("line {}: the value has {} bytes, and this cluster takes {}",
                                     item.line, item.item.value.size(), max_value_bytes)};
        }
    }
    if (auto rewound = source.rewind(); !rewound) return rewound.error();
    return items;
}

Result<void> refuse_if_any_is_there(const ClusterConfig& config, LineSource& source,
                                    const LoadOptions& options, std::uint64_t items) {
    Crew crew(config, source, options,
              [](Pipeline& pipeline, const Batch& batch) -> Result<LoadCounts> {
                  auto there = count_there(pipeline, batch);
                  if (!there) return there.error();
                  LoadCounts counts;
                  counts.kept = *there;
                  return counts;
              });
    if (auto done = crew.run("look", items); !done) return done;
    if (crew.counts().kept > 0) {
        return Error{ErrorKind::failed,
                     fmt::format("{} of {} keys are there already, and nothing was loaded; "
                                 "--overwrite replaces them, --skip leaves them as they are",
                                 crew.counts().kept, items)};
    }
    return source.rewind();
}

}  // namespace

Result<void> load_all(const ClusterConfig& config, const std::string& file,
                      const LoadOptions& options, LoadReport& report) {
    auto source = LineSource::open(file, options.cancel_fd);
    if (!source) return source.error();
    auto items = count_items(*source, config.max_value_bytes);
    if (!items) return items.error();
    report.items = *items;
    if (options.existing == Existing::refuse) {
        auto free = refuse_if_any_is_there(config, *source, options, *items);
        if (!free) return free;
    }
    const IfThere if_there =
        options.existing == Existing::overwrite ? IfThere::overwrite : IfThere::keep;
    Crew crew(config, *source, options, [if_there](Pipeline& pipeline, const Batch& batch) {
        return load_items(pipeline, batch, if_there);
    });
    auto done = crew.run("load", *items);
    report.counts = crew.counts();
    if (!done) {
        return Error{
            done.error().kind,
            fmt::format("{}; {} of {} keys are known to be set, and the same command again "
                        "with --skip sets the rest",
                        done.error().message, report.counts.set + report.counts.overwritten,
                        *items)};
    }
    if (options.existing == Existing::refuse && report.counts.kept > 0) {
        return Error{ErrorKind::failed,
                     fmt::format("{} keys came to be there while the others were loaded, and were "
                                 "left as they are",
                                 report.counts.kept)};
    }
    return {};
}

}  // namespace raftkv::cli::dump
