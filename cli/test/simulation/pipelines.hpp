#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/event_queue.hpp"
#include "cli/test/simulation/plan.hpp"
#include "common/protocol/reply.hpp"
#include "common/protocol/request.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::simulation {

// Clients that do not wait for answers: reads and writes of one key over one connection. What they
// are told must be what comes of the commands one after another, as far as it is known what became
// of each. Connections and keys of their own, so that nobody else writes them. In a third of the
// plans; by the seed alone.
class Pipelines {
  public:
    using Submit = std::function<void(replica::ClientToken, const protocol::Request&, bool)>;

    Pipelines(const Plan& plan, EventQueue& events, Counters& counters);

    // The node that the connection of this number sends its next commands to.
    std::uint32_t node_of(std::uint32_t number) const { return connections_[number].node; }
    // They reach it; or nobody is there; or it does not read them yet.
    void send(std::uint32_t number, const Submit& submit);
    void refused(std::uint32_t number);
    void wait(std::uint32_t number);

    static bool owns(const replica::ClientToken& client) { return client.session >= first_session; }
    void reply(std::uint32_t node, replica::ClientToken client, const protocol::Reply& reply);
    void node_died(std::uint32_t node);
    // No more commands.
    void finish() { finished_ = true; }

  private:
    static constexpr std::uint64_t first_session = 1'000;

    struct Sent {
        protocol::Op op = protocol::Op::get;
        std::string value;  // set
        bool answered = false;
        protocol::ReplyKind kind = protocol::ReplyKind::internal;
        std::string read;  // the value that came
    };
    // Since it was opened; it is opened anew, with a new key, when the outcome of a command is not
    // known.
    struct Connection {
        std::uint32_t node = 0;
        std::uint64_t session = 0;
        std::string key;
        std::deque<Sent> sent;             // not judged yet
        std::uint64_t first = 0;           // the number of the first of these
        std::size_t writes = 0;            // of them, that are not answered
        std::optional<std::string> value;  // before the first of them
        bool is_set = false;               // behind the last of them
    };

    void schedule(std::uint32_t number, Micros after);
    Sent& add(Connection& connection);
    void open(Connection& connection, std::uint32_t node);
    bool judge(Connection& connection);

    const Plan& plan_;
    EventQueue& events_;
    Counters& counters_;
    Dice dice_;
    std::vector<Connection> connections_;
    std::uint64_t sessions_ = 0;
    std::uint64_t values_ = 0;
    bool finished_ = false;
};

}  // namespace raftkv::simulation
