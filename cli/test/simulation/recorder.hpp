#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/simulation/plan.hpp"
#include "cli/test/trace/trace.hpp"
#include "node/raft/message.hpp"
#include "node/raft/role.hpp"

namespace raftkv::simulation {

// Writes down a run for the picture of it; does nothing when nobody wants one. Items that are not
// over yet are named by the number that beginning them gave.
class Recorder {
  public:
    explicit Recorder(trace::Trace* trace) : trace_(trace) {}

    bool on() const { return trace_ != nullptr; }

    std::size_t message(Micros now, std::uint32_t from, std::uint32_t to,
                        const raft::Message& message);
    void received(std::size_t message, Micros now);
    void lost(std::size_t message, trace::Lost why);

    void role(Micros now, std::uint32_t node, trace::Role role, std::uint64_t term);
    std::size_t fault(Micros now, const Fault& fault, std::optional<std::uint32_t> node);
    void fault_over(std::size_t fault, Micros now);
    void commit(Micros now, std::uint32_t node, std::uint64_t index, std::uint64_t term);
    void disk(Micros from, Micros to, std::uint32_t node, const std::string& what);
    void operation(trace::ClientOp operation);
    void note(Micros now, std::optional<std::uint32_t> node, std::string text);
    void finish(Micros now);

  private:
    struct Now {
        trace::Role role = trace::Role::down;
        std::uint64_t term = 0;
        Micros since = 0;
    };
    trace::Trace* trace_;
    std::vector<Now> roles_;
};

}  // namespace raftkv::simulation
