#include "cli/bench/compare/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "cli/bench/compare/contender.hpp"
#include "cli/bench/compare/process_use.hpp"
#include "cli/bench/disk.hpp"
#include "cli/bench/report.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::bench {
namespace {

using std::chrono::steady_clock;

std::string command_of(const CompareSettings& settings) {
    std::string command = fmt::format(
        "raftkv bench compare --against {} --rounds {} --seconds {} --clients {} --pipeline {} "
        "--value-bytes {} --start {}",
        fmt::join(settings.against, ","), settings.rounds, settings.seconds, settings.clients,
        settings.pipeline, settings.value_bytes, settings.nodes);
    if (settings.memory_keys > 0) command += fmt::format(" --memory-keys {}", settings.memory_keys);
    if (!settings.folder.empty()) command += " --folder " + settings.folder.string();
    return command;
}

class Compare {
  public:
    Compare(const CompareSettings& settings, const test::Interrupt& interrupt, const Say& say,
            std::filesystem::path folder)
        : settings_(settings), interrupt_(interrupt), say_(say), folder_(std::move(folder)) {}

    Result<Comparison> run();

  private:
    struct Player {
        const ContenderKind* kind;
        std::unique_ptr<Contender> contender{};
        KeySpace reads{};  // the keys that it has for them
    };

    Result<void> choose();
    Result<Player> start(const ContenderKind& kind, const std::string& folder) const;
    Result<void> play_round(std::size_t round);
    Result<Turn> play(Player& player, const Step& step);
    Result<MemoryScore> measure_memory(const ContenderKind& kind) const;
    LoadOptions load_of(const Step& step) const;
    KeySpace space_of(std::uint64_t keys) const;
    Result<void> interrupted() const { return interrupt_.pause_for(std::chrono::milliseconds(0)); }

    const CompareSettings& settings_;
    const test::Interrupt& interrupt_;
    const Say& say_;
    const std::filesystem::path folder_;
    std::vector<const ContenderKind*> kinds_;
    std::vector<Player> players_;
    Comparison comparison_;
};

Result<Comparison> Compare::run() {
    const Report basics = begin_report(Settings{}, "");
    comparison_.settings = settings_;
    comparison_.command = command_of(settings_);
    comparison_.machine = basics.machine;
    comparison_.started = basics.started;
    comparison_.hint = hint_about(folder_);
    if (auto chosen = choose(); !chosen) return chosen.error();
    const auto one = measure_syncs(folder_);
    if (!one) return one.error();
    comparison_.sync_us = static_cast<double>(one->percentile(0.5)) / 1e3;
    const auto together = measure_syncs(folder_, settings_.nodes);
    if (!together) return together.error();
    comparison_.syncs_us = static_cast<double>(together->percentile(0.5)) / 1e3;
    for (const ContenderKind* kind : kinds_) {
        say_(fmt::format("starting {}", kind->name));
        auto player = start(*kind, std::string(kind->name));
        if (!player) return player.error();
        players_.push_back(std::move(*player));
    }
    for (const Step& step : steps_of(settings_)) {
        Row row{step};
        for (const ContenderKind* kind : kinds_) row.scores.push_back({std::string(kind->name)});
        comparison_.rows.push_back(std::move(row));
    }
    for (std::size_t round = 0; round < settings_.rounds; ++round) {
        if (auto played = play_round(round); !played) return played.error();
    }
    players_.clear();
    for (const ContenderKind* kind : kinds_) {
        if (settings_.memory_keys == 0) break;
        auto score = measure_memory(*kind);
        if (!score) return score.error();
        comparison_.memory.push_back(std::move(*score));
    }
    return std::move(comparison_);
}

Result<void> Compare::choose() {
    for (const ContenderKind& kind : contender_kinds()) {
        const bool first = &kind == &contender_kinds().front();
        const bool wanted = std::find(settings_.against.begin(), settings_.against.end(),
                                      kind.name) != settings_.against.end();
        if (!first && !wanted) continue;
        if (!kind.is_installed()) {
            comparison_.missing.push_back(
                fmt::format("{} is left out: it needs {}", kind.name, kind.needs));
            continue;
        }
        kinds_.push_back(&kind);
        comparison_.contenders.emplace_back(kind.name, kind.about);
    }
    if (kinds_.size() > 1) return {};
    return Error{ErrorKind::failed, fmt::format("there is nobody to compare with: {}",
                                                fmt::join(comparison_.missing, "; "))};
}

Result<Compare::Player> Compare::start(const ContenderKind& kind, const std::string& folder) const {
    const std::filesystem::path path = folder_ / folder;
    std::error_code error;
    std::filesystem::create_directory(path, error);
    if (error) {
        return Error{ErrorKind::io, fmt::format("making {}: {}", path.string(), error.message())};
    }
    auto contender =
        kind.start({path, settings_.nodes, settings_.clients, settings_.raftkv, interrupt_});
    if (!contender) return contender.error();
    Player player{&kind, std::move(*contender), space_of(settings_.keys)};
    LoadOptions load = load_of({.name = {}, .clients = settings_.clients});
    load.requests = settings_.keys;
    const auto written = player.contender->load(load, player.reads);
    if (!written) return written.error();
    if (auto ended = interrupted(); !ended) return ended.error();
    if (written->errors() == 0) return player;
    return Error{ErrorKind::failed, fmt::format("{} does not take the keys that are read: {} of {} "
                                                "writes failed",
                                                kind.name, written->errors(), settings_.keys)};
}

LoadOptions Compare::load_of(const Step& step) const {
    LoadOptions load;
    load.op = step.op;
    load.clients = step.clients;
    load.pipeline = step.pipeline;
    load.value_bytes = settings_.value_bytes;
    load.seconds = settings_.seconds;
    load.warmup_seconds = 0.3;
    load.cancel_fd = interrupt_.descriptor();
    return load;
}

KeySpace Compare::space_of(std::uint64_t keys) const {
    Settings settings;
    settings.keys = keys;
    return new_key_space(settings);
}

// Each round begins with another one: what the first load leaves in the caches is nobody's luck.
Result<void> Compare::play_round(std::size_t round) {
    for (Row& row : comparison_.rows) {
        for (std::size_t i = 0; i < players_.size(); ++i) {
            const std::size_t at = (round + i) % players_.size();
            say_(fmt::format("round {} of {}: {}: {}", round + 1, settings_.rounds, row.step.name,
                             players_[at].kind->name));
            const auto turn = play(players_[at], row.step);
            if (!turn) return turn.error();
            row.scores[at].turns.push_back(*turn);
        }
    }
    return {};
}

Result<Turn> Compare::play(Player& player, const Step& step) {
    const auto cpu_before = cpu_seconds_of(player.contender->pids());
    if (!cpu_before) return cpu_before.error();
    const auto began = steady_clock::now();
    KeySpace fresh = space_of(0);
    const auto result =
        player.contender->load(load_of(step), step.op == Op::get ? player.reads : fresh);
    const std::chrono::duration<double> took = steady_clock::now() - began;
    if (!result) return result.error();
    if (auto ended = interrupted(); !ended) return ended.error();
    const auto cpu_after = cpu_seconds_of(player.contender->pids());
    if (!cpu_after) return cpu_after.error();
    if (result->errors() > 0 || result->answered() == 0) {
        return Error{
            ErrorKind::failed,
            fmt::format("{}: {} of {} operations failed on {}", step.name, result->errors(),
                        result->errors() + result->answered(), player.kind->name)};
    }
    const auto us = [&](double fraction) {
        return static_cast<double>(result->latency.percentile(fraction)) / 1000;
    };
    const auto each_us = [&](double cores) { return cores / result->per_second * 1e6; };
    return Turn{result->per_second, us(0.5), us(0.99),
                each_us((*cpu_after - *cpu_before) / took.count()),
                each_us(result->own_cpu_seconds / result->seconds)};
}

// In a process that has seen nothing else.
Result<MemoryScore> Compare::measure_memory(const ContenderKind& kind) const {
    say_(fmt::format("memory: {} keys for {}", settings_.memory_keys, kind.name));
    auto player = start(kind, fmt::format("{}-memory", kind.name));
    if (!player) return player.error();
    KeySpace space = space_of(0);
    LoadOptions load =
        load_of({.name = {}, .clients = settings_.clients, .pipeline = settings_.pipeline});
    load.requests = settings_.memory_keys;
    const auto write = [&]() -> Result<void> {
        const auto written = player->contender->load(load, space);
        if (!written) return written.error();
        return interrupted();
    };
    const auto grown = memory_grown_by(player->contender->pids(), write);
    if (!grown) return grown.error();
    const auto net = static_cast<double>(KeySpace::key_bytes + settings_.value_bytes);
    return MemoryScore{std::string(kind.name),
                       *grown / static_cast<double>(settings_.memory_keys) - net};
}

}  // namespace

Result<Comparison> run_compare(const CompareSettings& settings, const test::Interrupt& interrupt,
                               const Say& say) {
    const auto folder = test::WorkFolder::create(settings.folder);
    if (!folder) return folder.error();
    return Compare(settings, interrupt, say, folder->path()).run();
}

}  // namespace raftkv::bench
