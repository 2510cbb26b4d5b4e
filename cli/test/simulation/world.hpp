#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/test/simulation/clients.hpp"
#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/event_queue.hpp"
#include "cli/test/simulation/network.hpp"
#include "cli/test/simulation/node.hpp"
#include "cli/test/simulation/pipelines.hpp"
#include "cli/test/simulation/plan.hpp"
#include "cli/test/simulation/recorder.hpp"
#include "cli/test/simulation/truth.hpp"

namespace raftkv::simulation {

// Everything there is in a simulation, and its course: events in the order of their times.
class World final : public Surroundings {
  public:
    World(const Plan& plan, trace::Trace* trace);

    // To the end, or until something is Broken.
    void run();

    Micros now() const { return events_.now(); }
    Counters& counters() { return counters_; }
    std::uint64_t trace_hash() const { return hash_; }
    const test::History& history() const { return clients_.history(); }
    Recorder& recorder() { return recorder_; }

  private:
    struct Packet {
        std::uint32_t from = 0, to = 0;
        std::uint32_t to_life = 0;
        std::uint64_t folder = 0;  // that its sender said it has
        std::string bytes;
        std::uint32_t arrivals = 0;  // still to come
        bool damaged = false;
        std::size_t record = 0;
    };
    struct ActiveFault {
        std::vector<std::pair<std::uint32_t, std::uint32_t>> cuts;
        bool active = false;
        bool armed = false;
        std::uint32_t node = 0;  // that it struck
        bool open = false;       // flap: between cuts
        std::size_t record = 0;
    };

    // --- what happens (world.cpp)
    void schedule(EventKind kind, Micros after, std::uint32_t node, std::uint64_t payload);
    void dispatch(const Event& event);
    void dispatch_to_process(const Event& event);
    void deliver(const Event& event);
    void receive(const Packet& packet, Node& node);
    void look_at(const raft::Message& message);
    void deliver_request(const Event& event);
    void deliver_pipeline(const Event& event);
    void start_node(std::uint32_t node);
    void node_died(std::uint32_t node);
    void disconnect(std::uint32_t a, std::uint32_t b);
    void try_to_connect(std::uint32_t a, std::uint32_t b);
    bool connected(std::uint32_t a, std::uint32_t b) const {
        return connected_[a * plan_.nodes + b];
    }
    void set_connected(std::uint32_t a, std::uint32_t b, bool is_connected);
    void tell_process(std::uint32_t node, EventKind kind, std::uint32_t peer);
    void kill(std::uint32_t node, Death how, Micros down_for);
    void note(std::uint64_t fact);

    // --- faults (world_faults.cpp)
    void begin(std::size_t fault);
    void strike_new_leader();
    void end(std::size_t fault);
    void flap(std::size_t fault);
    void forge(std::size_t fault);
    void judge_refusal(const Node& node, std::uint32_t claimed);
    void begin_partition(Fault fault, std::size_t number);
    std::int64_t beside(std::uint32_t node) const;
    bool may_meet(const Fault& fault, std::uint32_t a, std::uint32_t b) const;
    std::optional<std::uint32_t> newest_leader() const;
    void cut(std::size_t fault, std::uint32_t from, std::uint32_t to);
    void begin_on_node(const Fault& fault, Node& node, std::size_t number);
    void heal();

    // --- members (world_members.cpp)
    bool may_meet(Node& node, Node& peer);
    void introduce(Node& node, const Node& peer);
    void hear_of_members(Node& node);
    void ask_to_join(Node& node);
    void order(std::size_t number);
    raft::ChangeStart give_order(std::size_t number, Node& leader);
    void prepare_to_join(std::uint32_t node, const raft::Membership& members);
    void wipe(std::uint32_t node, Micros down_for);
    bool can_do_without(std::uint32_t node) const;
    void stay_away(std::uint32_t node);
    bool can_elect_without(std::uint32_t number) const;
    bool can_stay_away(std::uint32_t node) const;
    void remove_who_is_lost();
    bool has_majority_without(const raft::Membership& members, std::uint32_t node) const;

    // --- the end (world_judged.cpp)
    void judge_reply(const Node& node, const Attempt& attempt, const protocol::Reply& reply);
    void judge_write(const Node& node, const Attempt& attempt, const protocol::Reply& reply);
    void judge_read(const Node& node, const Attempt& attempt, const protocol::Reply& reply);
    bool is_member(const raft::Membership& members, std::uint32_t node) const;
    std::string why_not_converged() const;
    Micros patience() const;
    void look_for_the_end();
    void judge_states() const;

    // --- Surroundings
    void send(std::uint32_t from, std::uint32_t to, const raft::Message& message) override;
    void reply(std::uint32_t node, replica::ClientToken client,
               const protocol::Reply& reply) override;
    void dying(std::uint32_t node, const Error& why) override;
    std::size_t durable_copies(const raft::Membership& members, LogIndex index,
                               std::uint64_t sum) const override;
    void changed_role(std::uint32_t node) override;
    void committed(std::uint32_t node, LogIndex index) override;
    void disk_worked(std::uint32_t node, Micros since, const std::string& what) override;

    const Plan& plan_;
    Counters counters_;
    EventQueue events_;
    Truth truth_;
    Network network_;
    Recorder recorder_;
    Clients clients_;
    Pipelines pipelines_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<char> connected_;
    std::vector<Packet> packets_;
    std::vector<std::size_t> free_packets_;
    std::vector<ActiveFault> active_;
    std::vector<std::size_t> armed_;  // faults that wait for the next election
    Dice turns_;
    std::uint64_t forgeries_ = 0;
    std::optional<Micros> wiped_at_;  // the last disk
    std::uint64_t hash_ = 0;

    bool healed_ = false;
    bool done_ = false;
    Micros healed_at_ = 0;
    std::optional<Micros> stable_since_;
    Term stable_term_;
};

}  // namespace raftkv::simulation
