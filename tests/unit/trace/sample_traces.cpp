#include "tests/unit/trace/sample_traces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace raftkv::trace {

namespace {

constexpr Micros ms = 1000;

// Plays the parts of a cluster: each call is what one step of Raft looks like from outside.
class Stage {
  public:
    Stage(std::uint32_t nodes, std::uint64_t seed) : luck_(seed) {
        trace_.seed = seed;
        trace_.nodes = nodes;
        trace_.command = fmt::format("raftkv test simulate --seed {} --nodes {}", seed, nodes);
        now_.resize(nodes);
    }

    Micros between(Micros low, Micros high) {
        luck_ = luck_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return low + static_cast<Micros>((luck_ >> 33) % static_cast<std::uint64_t>(high - low));
    }

    void is(Node node, Role role, std::uint64_t term, Micros since) {
        Span& span = now_[node];
        if (span.since < since) {
            trace_.roles.push_back({node, span.since, since, span.role, span.term});
        }
        span = {role, term, since, span.known};
    }

    // Returns when it arrives, which it does not do when the link is cut or the other one is down.
    std::optional<Micros> sends(Node from, Node to, MessageKind kind, std::uint64_t term,
                                std::string text, Micros at) {
        MessageEvent message{at, std::nullopt, from, to, kind, term, std::move(text)};
        if (cut_ && (*cut_ == from) != (*cut_ == to)) {
            message.lost = Lost::cut;
        } else if (now_[to].role == Role::down) {
            message.lost = Lost::receiver_down;
        } else if (between(0, 100) < lossy_percent_) {
            message.lost = between(0, 4) == 0 ? Lost::corrupt : Lost::dropped;
        } else {
            message.received_us = at + between(ms * 3 / 10, ms * 12 / 10);
        }
        trace_.messages.push_back(message);
        return message.received_us;
    }

    Micros syncs(Node node, std::string text, Micros at) {
        Micros done = at + between(ms / 5, ms);
        trace_.disks.push_back({at, done, node, std::move(text)});
        return done;
    }

    template <class Visit>
    void others(Node self, Visit visit) {
        for (Node node = 0; node < trace_.nodes; ++node) {
            if (node != self) {
                visit(node);
            }
        }
    }

    bool is_up(Node node) const { return now_[node].role != Role::down; }

    // A node campaigns and wins; returns when it leads.
    Micros wins(Node node, std::uint64_t term, Micros at) {
        is(node, Role::pre_candidate, term - 1, at);
        Micros asked = asks(node, term, true, at);
        is(node, Role::candidate, term, asked);
        Micros won = asks(node, term, false, syncs(node, fmt::format("term {}", term), asked));
        is(node, Role::leader, term, won);
        heartbeats(node, term, won + 30);
        return won;
    }

    void heartbeats(Node leader, std::uint64_t term, Micros at) {
        others(leader, [&](Node to) {
            std::string text = fmt::format("commit {}", commit_);
            auto there = sends(leader, to, MessageKind::heartbeat, term, text, at);
            if (there && answers(to, term)) {
                hears_of_commit(to, term, *there);
                sends(to, leader, MessageKind::heartbeat_reply, term, "", *there + 40);
            }
        });
    }

    // A client's write, from its request to its reply; returns when it was committed.
    Micros writes(std::uint32_t client, Node leader, std::uint64_t term, Micros at) {
        std::uint64_t index = ++last_;
        std::string what = fmt::format("set k{} v{}", index % 5, index);
        Micros received = at + 200;
        Micros synced = syncs(leader, fmt::format("sync of entry {}", index), received);
        std::vector<Micros> replies = appended(leader, term, index, received + 20);
        replies.push_back(synced);
        std::sort(replies.begin(), replies.end());
        std::size_t majority = trace_.nodes / 2;
        if (replies.size() <= majority) {
            trace_.operations.push_back({at, std::nullopt, client, leader, what, ""});
            return at;
        }
        Micros committed = replies[majority];
        commit_ = index;
        trace_.commits.push_back({committed, leader, index, term});
        std::string reply = index % 9 == 0 ? "ERR_VERSION" : fmt::format("OK {}", index);
        trace_.operations.push_back({at, committed + 200, client, leader, what, reply});
        return committed;
    }

    Micros asks(Node node, std::uint64_t term, bool pre, Micros at) {
        std::vector<Micros> granted;
        others(node, [&](Node to) {
            auto there = sends(node, to, pre ? MessageKind::pre_vote : MessageKind::vote, term,
                               fmt::format("log ends with {} of term {}", last_, term - 1), at);
            if (!there) {
                return;
            }
            Micros ready = *there + 30;
            if (!pre) {
                ready = syncs(to, fmt::format("vote for {} in term {}", node, term), ready);
                is(to, Role::follower, term, *there);
            }
            auto back = sends(to, node, pre ? MessageKind::pre_vote_reply : MessageKind::vote_reply,
                              term, "granted", ready);
            if (back) {
                granted.push_back(*back);
            }
        });
        std::sort(granted.begin(), granted.end());
        std::size_t needed = trace_.nodes / 2;
        return granted.size() < needed ? at + 20 * ms : granted[needed - 1];
    }

    Trace finish(Micros at) {
        for (Node node = 0; node < trace_.nodes; ++node) {
            is(node, Role::follower, 0, at);
        }
        trace_.end_us = at;
        return std::move(trace_);
    }

    Trace trace_;
    std::optional<Node> cut_;
    Micros lossy_percent_ = 0;
    std::uint64_t last_ = 0;
    std::uint64_t commit_ = 0;

  private:
    struct Span {
        Role role = Role::follower;
        std::uint64_t term = 0;
        Micros since = 0;
        std::uint64_t known = 0;  // to be committed
    };

    void hears_of_commit(Node node, std::uint64_t term, Micros at) {
        if (now_[node].known < commit_) {
            now_[node].known = commit_;
            trace_.commits.push_back({at + 20, node, commit_, term});
        }
    }

    bool answers(Node node, std::uint64_t term) const {
        return is_up(node) && now_[node].term <= term;
    }

    std::vector<Micros> appended(Node leader, std::uint64_t term, std::uint64_t index, Micros at) {
        std::vector<Micros> replies;
        others(leader, [&](Node to) {
            std::string text = fmt::format("entry {} after {} of term {}, commit {}", index,
                                           index - 1, term, commit_);
            auto there = sends(leader, to, MessageKind::append, term, text, at);
            if (!there || !answers(to, term)) {
                return;
            }
            Micros synced = syncs(to, fmt::format("sync of entry {}", index), *there + 30);
            auto back = sends(to, leader, MessageKind::append_reply, term,
                              fmt::format("has everything up to {}", index), synced);
            if (back) {
                replies.push_back(*back);
            }
        });
        return replies;
    }

    std::uint64_t luck_;
    std::vector<Span> now_;
};

void serve(Stage& stage, Node leader, std::uint64_t term, Micros from, Micros to) {
    std::uint32_t client = 0;
    Micros next_heartbeat = from;
    for (Micros at = from; at < to; at += stage.between(4 * ms, 14 * ms)) {
        stage.writes(client++ % 3, leader, term, at);
        if (at >= next_heartbeat) {
            stage.heartbeats(leader, term, at + 2 * ms);
            next_heartbeat = at + 25 * ms;
        }
    }
}

// Two ask at once and nobody gets more than half.
void split_vote(Stage& stage, std::uint64_t term, Micros at) {
    for (Node node : {1u, 3u}) {
        stage.is(node, Role::candidate, term, at + node * 150);
        stage.others(node, [&](Node to) {
            auto there = stage.sends(node, to, MessageKind::vote, term,
                                     "log ends with 31 of term 1", at + node * 150 + 200);
            bool granted = to == (node == 1 ? 2u : 4u);
            if (there) {
                stage.sends(to, node, MessageKind::vote_reply, term,
                            granted ? "granted" : "refused: voted for another node", *there + 500);
            }
        });
    }
    stage.is(2, Role::follower, term, at + 2 * ms);
    stage.is(4, Role::follower, term, at + 2 * ms);
}

}  // namespace

Trace incident() {
    Stage stage(5, 4711);
    Micros led = stage.wins(0, 1, 18 * ms);
    serve(stage, 0, 1, led + ms, 120 * ms);

    stage.trace_.faults.push_back({121 * ms, 260 * ms, 0u, std::nullopt, "isolate",
                                   "nothing passes between it and the others"});
    stage.cut_ = 0;
    serve(stage, 0, 1, 124 * ms, 150 * ms);
    split_vote(stage, 2, 155 * ms);
    led = stage.wins(2, 3, 172 * ms);
    serve(stage, 2, 3, led + ms, 258 * ms);
    stage.trace_.notes.push_back({200 * ms, 0u, "no quorum heard from for an election timeout"});

    stage.cut_.reset();
    stage.is(0, Role::follower, 3, 262 * ms);
    stage.lossy_percent_ = 12;
    stage.trace_.faults.push_back({265 * ms, 330 * ms, std::nullopt, std::nullopt, "storm",
                                   "messages are dropped with a chance of 12 %"});
    stage.trace_.faults.push_back({290 * ms, 345 * ms, 4u, std::nullopt, "power loss", ""});
    serve(stage, 2, 3, 263 * ms, 289 * ms);
    stage.is(4, Role::down, 3, 290 * ms);
    serve(stage, 2, 3, 291 * ms, 329 * ms);
    stage.lossy_percent_ = 0;
    stage.is(4, Role::follower, 3, 345 * ms);
    stage.is(1, Role::paused, 3, 350 * ms);
    stage.trace_.faults.push_back({332 * ms, std::nullopt, 2u, 3u, "clog", "messages are held"});
    serve(stage, 2, 3, 331 * ms, 395 * ms);
    stage.trace_.notes.push_back({331 * ms, std::nullopt, "everything but the link 2 > 3 healed"});
    stage.trace_.failure = Failure{
        "state machine safety",
        "node 4 applied \"set k3 v48\" at 48, but node 2 applied no such entry", 398 * ms, 4u};
    return stage.finish(400 * ms);
}

Trace long_run(std::size_t events) {
    Stage stage(5, 99);
    std::uint64_t term = 0;
    Micros at = 0;
    auto size = [&] {
        const Trace& trace = stage.trace_;
        return trace.messages.size() + trace.commits.size() + trace.disks.size() +
               trace.operations.size();
    };
    while (size() < events) {
        ++term;
        Node leader = static_cast<Node>(term * 3 % 5);
        stage.lossy_percent_ = term % 3 == 0 ? 5 : 0;
        Micros led = stage.wins(leader, term, at + 150 * ms);
        serve(stage, leader, term, led, led + 2000 * ms);
        Micros until = led + 2000 * ms;
        stage.is(leader, Role::down, term, until);
        stage.trace_.faults.push_back(
            {until, until + 400 * ms, leader, std::nullopt, "crash", "killed while it led"});
        stage.is(leader, Role::follower, term, until + 100 * ms);
        at = until + 100 * ms;
    }
    return stage.finish(at);
}

Trace empty_run() {
    return {};
}

namespace {

// Nodes that there are not, times that run backwards or lie outside of the run.
void add_nonsense(Trace& trace) {
    constexpr Node nobody = std::numeric_limits<Node>::max();
    for (Node node : {nobody, nobody - 1, trace.nodes}) {
        trace.messages.push_back({9, 10, node, 0, MessageKind::vote, 1, "", std::nullopt});
        trace.messages.push_back({9, 10, 0, node, MessageKind::vote, 1, "", std::nullopt});
        trace.roles.push_back({node, 0, 10, Role::leader, 1});
        trace.commits.push_back({7, node, 1, 1});
        trace.disks.push_back({7, 8, node, ""});
    }
    constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    trace.messages.push_back({500, 100, 1, 2, MessageKind::append, huge, "back in time", {}});
    trace.messages.push_back({500, 900, 1, 1, MessageKind::append, 1, "to itself", {}});
    trace.roles.push_back({3, 900 * ms, 800 * ms, Role::leader, huge});
    trace.faults.push_back({-5, -10, 0u, 0u, "", ""});
}

}  // namespace

Trace hostile_run() {
    Trace trace = incident();
    const std::string text(hostile_text);
    trace.command = text;
    trace.failure->invariant = text;
    trace.failure->message = text;
    for (MessageEvent& message : trace.messages) {
        message.text = text;
    }
    for (FaultSpan& fault : trace.faults) {
        fault.kind = text;
        fault.text = text;
    }
    for (DiskEvent& disk : trace.disks) {
        disk.text = text;
    }
    for (ClientOp& operation : trace.operations) {
        operation.text = text;
        operation.reply = text;
    }
    for (Note& note : trace.notes) {
        note.text = text;
    }
    add_nonsense(trace);
    return trace;
}

}  // namespace raftkv::trace
