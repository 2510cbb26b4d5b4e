#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/test/history/history.hpp"
#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/event_queue.hpp"
#include "cli/test/simulation/plan.hpp"
#include "cli/test/simulation/recorder.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"

namespace raftkv::simulation {

// One request of one client to one node. A client that is redirected makes another.
struct Attempt {
    std::uint32_t client = 0;
    std::uint64_t number = 0;  // counts the client's attempts
    std::uint32_t node = 0;
    protocol::Op op = protocol::Op::get;
    std::string key;
    std::string bytes;              // the request, as it goes over the wire
    std::uint64_t fingerprint = 0;  // of the value written
    std::uint32_t exptime_s = 0;
    std::uint64_t expected = 0;  // cas
    Micros start = 0;
    LogIndex told;           // what any client had been told of when this one started
    LogIndex committed;      // likewise: what was committed
    bool answered = false;   // the node has replied
    bool abandoned = false;  // the client no longer waits
};

using AttemptId = std::pair<std::uint32_t, std::uint64_t>;  // client, number

// What clients do: each carries out its operations one after another, finds the leader, follows
// redirections and loses patience. Requests and replies cross as the bytes of the protocol.
class Clients {
  public:
    Clients(const Plan& plan, EventQueue& events, Counters& counters, Recorder& recorder);

    // `told` and `committed`: as things stand now.
    void next_operation(std::uint32_t client, LogIndex told, LogIndex committed);
    // Nothing when its connection has ended.
    const Attempt* find(AttemptId id) const;
    // Nobody is there: the client tries another node.
    void refused(AttemptId id, LogIndex told, LogIndex committed);
    // Sends a node's reply on its way.
    void reply(AttemptId id, const protocol::Reply& reply);
    // A reply has arrived.
    void hear(std::uint64_t reply, LogIndex told, LogIndex committed);
    // The client has waited long enough for its operation of this number.
    void give_up(std::uint32_t client, std::uint64_t operation);
    // The connections to a node have ended.
    void node_died(std::uint32_t node);

    // No more operations but one last write, repeated until it is done, and then reads without end.
    void finish();
    bool finished() const { return last_write_done_; }

    const test::History& history() const { return history_; }

  private:
    struct Client {
        std::vector<const Operation*> operations;
        std::size_t next = 0;
        std::uint64_t attempts = 0;
        std::uint64_t current = 0;  // attempt; 0 when none
        const Operation* operation = nullptr;
        std::uint64_t operation_number = 0;
        std::uint32_t leader = 0;
        bool knows_leader = false;
    };
    struct Letter {
        AttemptId attempt;
        std::string bytes;
    };

    void try_node(std::uint32_t client, std::uint32_t node, Micros after, LogIndex told,
                  LogIndex committed);
    void done(std::uint32_t client, Micros after);
    void record(const Attempt& attempt, test::Outcome outcome, const protocol::Reply* reply);
    void draw(const Attempt& attempt, test::Outcome outcome, const protocol::Reply* reply);
    void learn(const Attempt& attempt, const protocol::Reply& reply);
    void schedule(EventKind kind, Micros after, std::uint32_t client, std::uint64_t payload);
    std::uint64_t expected_version(const Operation& operation) const;

    const Plan& plan_;
    EventQueue& events_;
    Counters& counters_;
    Recorder& recorder_;
    Dice dice_;
    std::vector<Client> clients_;
    std::map<AttemptId, Attempt> attempts_;
    std::vector<Letter> letters_;
    std::vector<std::uint64_t> versions_;  // the newest known of each key
    Operation last_write_, last_reads_;
    bool finishing_ = false;
    bool last_write_done_ = false;
    test::History history_;
};

}  // namespace raftkv::simulation
