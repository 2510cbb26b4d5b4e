#include "cli/cluster/dump/load_items.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/check.hpp"

namespace raftkv::cli::dump {

namespace {

using protocol::Op;
using protocol::ReplyKind;

// Answers to reads may be long: so few that neither side waits for the other with full buffers.
constexpr std::size_t reads_at_once = 64;
// How often somebody else may have been faster with the same key, and how often nobody may know
// what became of a command: each time takes seconds when it is for want of a leader.
constexpr int attempts = 20;
constexpr int attempts_in_the_dark = 6;

// One key on its way: set, then, when it is there, what the answer and the order make of it.
struct Step {
    const LoadedItem* source = nullptr;
    Op next = Op::set;
    std::uint64_t version = 0;  // what a cas replaces
    bool in_doubt = false;      // one of our writes may have been done
    int tries = 0;
    int unknown = 0;
    bool is_done = false;

    protocol::Request request() const {
        protocol::Request request;
        request.op = next;
        request.key = source->item.key;
        if (!request.writes()) return request;
        request.value = source->item.value;
        request.exptime_s = source->item.exptime_s;
        request.version = version;
        return request;
    }
};

Error no_leader() {
    return {ErrorKind::unavailable, "no leader answers: it is not known what was done last"};
}

class Load {
  public:
    Load(Pipeline& pipeline, const std::vector<LoadedItem>& items, IfThere if_there)
        : pipeline_(pipeline), if_there_(if_there) {
        for (const LoadedItem& item : items) steps_.push_back({&item});
    }

    Result<LoadCounts> run() {
        for (std::vector<Step*> round = next_round(); !round.empty(); round = next_round()) {
            std::vector<protocol::Request> requests;
            for (const Step* step : round) requests.push_back(step->request());
            auto replies = pipeline_.call(requests);
            if (!replies) return replies.error();
            for (std::size_t i = 0; i < round.size(); ++i) {
                if (auto taken = take(*round[i], (*replies)[i]); !taken) return taken.error();
            }
        }
        return counts_;
    }

  private:
    // All that can be asked at once.
    std::vector<Step*> next_round() {
        std::vector<Step*> round;
        std::size_t reads = 0;
        for (Step& step : steps_) {
            if (step.is_done) continue;
            if (step.next == Op::getm && ++reads > reads_at_once) continue;
            round.push_back(&step);
        }
        return round;
    }

    Result<void> take(Step& step, const OwnedReply& reply) {
        if (++step.tries > attempts) return refused(step, "others change it all the time");
        switch (reply.kind) {
            case ReplyKind::ok:
                return finish(step, step.next == Op::cas ? counts_.overwritten : counts_.set);
            case ReplyKind::internal:
                step.in_doubt |= step.next != Op::getm;
                return ++step.unknown < attempts_in_the_dark ? Result<void>() : no_leader();
            case ReplyKind::version_err:
                return take_there(step);
            case ReplyKind::value_meta:
                return take_value(step, reply);
            case ReplyKind::not_found:
                step.next = Op::set;
                return {};
            case ReplyKind::cmd_err:
                return refused(step, "the cluster refuses it; is the value too long for it?");
            default:
                return refused(step, "the answer makes no sense");
        }
    }

    // A set found a key, or a cas another version.
    Result<void> take_there(Step& step) {
        if (if_there_ == IfThere::keep && !step.in_doubt) return finish(step, counts_.kept);
        step.next = Op::getm;
        return {};
    }

    Result<void> take_value(Step& step, const OwnedReply& reply) {
        const DumpItem& item = step.source->item;
        const bool is_ours = reply.value == item.value && reply.exptime_s == item.exptime_s;
        if (step.in_doubt && is_ours) {
            return finish(step, step.version != 0 ? counts_.overwritten : counts_.set);
        }
        if (if_there_ == IfThere::keep) return finish(step, counts_.kept);
        step.next = Op::cas;
        step.version = reply.version;
        return {};
    }

    static Result<void> finish(Step& step, std::uint64_t& counter) {
        step.is_done = true;
        ++counter;
        return {};
    }

    static Error refused(const Step& step, const char* why) {
        return {ErrorKind::failed,
                fmt::format("line {}, key {}: {}", step.source->line, step.source->item.key, why)};
    }

    Pipeline& pipeline_;
    const IfThere if_there_;
    std::vector<Step> steps_;
    LoadCounts counts_;
};

}  // namespace

Result<LoadCounts> load_items(Pipeline& pipeline, const std::vector<LoadedItem>& items,
                              IfThere if_there) {
    return Load(pipeline, items, if_there).run();
}

Result<std::uint64_t> count_there(Pipeline& pipeline, const std::vector<LoadedItem>& items) {
    std::uint64_t there = 0;
    for (std::size_t from = 0; from < items.size(); from += reads_at_once) {
        std::vector<protocol::Request> requests;
        for (std::size_t i = from; i < std::min(from + reads_at_once, items.size()); ++i) {
            protocol::Request request;
            request.op = Op::getm;
            request.key = items[i].item.key;
            requests.push_back(request);
        }
        std::optional<std::vector<OwnedReply>> replies;
        const auto is_unknown = [](const OwnedReply& r) { return r.kind == ReplyKind::internal; };
        int tries = 0;
        while (!replies || std::any_of(replies->begin(), replies->end(), is_unknown)) {
            if (++tries > attempts_in_the_dark) return no_leader();
            auto answered = pipeline.call(requests);
            if (!answered) return answered.error();
            replies = std::move(*answered);
        }
        there += static_cast<std::uint64_t>(std::count_if(
            replies->begin(), replies->end(),
            [](const OwnedReply& reply) { return reply.kind == ReplyKind::value_meta; }));
    }
    return there;
}

}  // namespace raftkv::cli::dump
